#pragma once

#include "core/pch.hpp"

#include <CLI/CLI.hpp>
