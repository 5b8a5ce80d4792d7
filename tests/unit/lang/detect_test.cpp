#include "catch.hpp"
#include "sbx/language.hpp"

using sbx::Errc;

TEST_CASE("a language is found by every name people type")
{
    const auto [typed, name] = GENERATE(table<std::string, std::string>({
        {"python", "python"}, {"py", "python"},       {"python3", "python"}, {"Python", "python"},
        {"js", "javascript"}, {"node", "javascript"}, {"sh", "bash"},        {"c", "c"},
        {"c++", "cpp"},       {"C++", "cpp"},         {"cpp", "cpp"},        {"ts", "typescript"},
        {"golang", "go"},     {"rs", "rust"},         {"rb", "ruby"},        {"pl", "perl"},
        {"R", "r"},           {"f90", "fortran"},     {"hs", "haskell"},     {"C#", "csharp"},
        {"sql", "sqlite"},
    }));
    const auto found = sbx::find_language(typed);
    REQUIRE(found);
    CHECK((*found)->name == name);
}

TEST_CASE("a mistyped language gets the nearest name")
{
    const auto found = sbx::find_language("pyton");
    REQUIRE_FALSE(found);
    CHECK(found.error() == sbx::Error(Errc::not_found, "no such language: pyton", "did you mean python?"));
}

TEST_CASE("a language that is like no other points to the list")
{
    const auto found = sbx::find_language("malbolge");
    REQUIRE_FALSE(found);
    CHECK(found.error().hint == "sbx lang ls");
}

TEST_CASE("the extension tells the language before the shebang does")
{
    const auto [file, line, name] = GENERATE(table<std::string, std::string, std::string>({
        {"hello.py", "", "python"},
        {"dir.d/HELLO.PY", "", "python"},
        {"a b.mjs", "#!/bin/bash", "javascript"},
        {"x.tar.sh", "", "bash"},
        {"main.c", "", "c"},
        {"main.C", "", "cpp"},
        {"main.cc", "", "cpp"},
        {"x.R", "", "r"},
        {"x.r", "", "r"},
        {"x.F90", "", "fortran"},
        {"script", "#!/usr/bin/env python3\nimport x", "python"},
        {"script.txt", "#!/usr/bin/python3.11 -u\r\n", "python"},
        {"script", "#! /bin/sh", "bash"},
        {"script", "#!/usr/bin/env -S LANG=C node --no-warnings", "javascript"},
        {".py", "#!/bin/bash", "bash"},
    }));
    const auto found = sbx::detect_language(file, line);
    REQUIRE(found);
    CHECK((*found)->name == name);
}

TEST_CASE("a script of an unknown language asks for --lang")
{
    const auto [file, line, message] = GENERATE(table<std::string, std::string, std::string>({
        {"notes.txt", "hello", "notes.txt: neither the extension nor a #! line tells the language"},
        {"noext", "", "noext: neither the extension nor a #! line tells the language"},
        {"x", "#!/usr/bin/tclsh -w", "x: no language has the interpreter tclsh"},
        {"x", "#!", "x: neither the extension nor a #! line tells the language"},
        {"x", "#!/usr/bin/env", "x: neither the extension nor a #! line tells the language"},
    }));
    const auto found = sbx::detect_language(file, line);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Errc::not_found);
    CHECK(found.error().message == message);
    CHECK(found.error().hint.find("--lang") != std::string::npos);
}
