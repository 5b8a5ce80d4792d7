#pragma once

// Libraries only: a header of this project in here would be compiled twice.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include "core/pch.hpp"
