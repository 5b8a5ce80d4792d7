#pragma once

#include "catch.hpp"
#include "core/pch.hpp"
