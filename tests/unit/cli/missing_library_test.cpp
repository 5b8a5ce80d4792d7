#include "cli/missing_library.hpp"

#include "catch.hpp"

using sbx::cli::missing_library;

namespace {

std::string missing(std::string_view language, std::string_view words)
{
    return missing_library(words, **sbx::find_language(language)).value_or("");
}

}  // namespace

TEST_CASE("the library that a program misses is named as its index knows it")
{
    CHECK(missing("python", "ModuleNotFoundError: No module named 'numpy'\n") == "numpy");
    CHECK(missing("python", "ModuleNotFoundError: No module named 'google.protobuf'\n") == "protobuf");
    CHECK(missing("python", "ModuleNotFoundError: No module named 'cv2'\n") == "opencv-python-headless");
    CHECK(missing("js", "Error: Cannot find module 'lodash/fp'\nRequire stack:\n") == "lodash");
    CHECK(missing("js", "Cannot find package '@scope/name' imported from /work/x.mjs") == "@scope/name");
    CHECK(missing("ts", "main.ts(1,15): error TS2307: Cannot find module 'chalk' or its corresponding") == "chalk");
    CHECK(missing("go", "x.go:3:8: no required module provides package rsc.io/quote: go.mod file not found") ==
          "rsc.io/quote");
    CHECK(missing("ruby", "in `require': cannot load such file -- rack (LoadError)\n") == "rack");
    CHECK(missing("r", "Error in library(jsonlite) : there is no package called ‘jsonlite’\n") == "jsonlite");
    CHECK(missing("php", "PHP Fatal error:  Uncaught Error: Class \"Monolog\\Logger\" not found in /work/main.php:2") ==
          "monolog/monolog");
    CHECK(missing("perl", "Can't locate Try/Tiny.pm in @INC (you may need to install the Try::Tiny module) (@INC") ==
          "Try::Tiny");
    CHECK(missing("lua", "lua: main.lua:1: module 'inspect' not found:\n\tno field package.preload") == "inspect");
    CHECK(missing("lua", "lua: main.lua:1: module 'pl.pretty' not found:\n") == "penlight");
    CHECK(missing("rust", "error[E0432]: unresolved import\n use of unresolved module or unlinked crate `rand`") ==
          "rand");
}

TEST_CASE("what no package brings is not named")
{
    CHECK(missing("python", "ModuleNotFoundError: No module named 'tkinter'\n").empty());
    CHECK(missing("python", "ModuleNotFoundError: No module named 'größe'\n").empty());
    CHECK(missing("python", "all is well").empty());
    CHECK(missing("js", "Error: Cannot find module './own'\n").empty());
    CHECK(missing("js", "Error: Cannot find module 'node:nothing'\n").empty());
    CHECK(missing("php", "Uncaught Error: Class \"Own\\Thing\" not found in /work/main.php:2").empty());
    CHECK(missing("haskell", "ModuleNotFoundError: No module named 'numpy'\n").empty());
}
