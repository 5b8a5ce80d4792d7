#include "cli/next_step.hpp"

#include "catch.hpp"
#include "core/whole_file.hpp"
#include "temp_directory.hpp"

using namespace sbx;

TEST_CASE("a file that a program misses and that is here gets a flag")
{
    const test::TempDirectory temp;
    for (const char* name : {"neighbour.py", "package/deep.py", "data.csv", "part.h", "part.js"})
        REQUIRE(write_whole_file(temp.path() / name, ""));
    const auto [words, name] = GENERATE(table<const char*, const char*>({
        {"ModuleNotFoundError: No module named 'neighbour'\n", "neighbour.py"},
        {"ModuleNotFoundError: No module named 'package.deep'\n", "package/deep.py"},
        {"FileNotFoundError: [Errno 2] No such file or directory: 'data.csv'\n", "data.csv"},
        {"Error: Cannot find module './part'\n", "part.js"},
        {"main.c:1:10: fatal error: part.h: No such file or directory\n", "part.h"},
    }));
    const auto step = cli::next_step(words, temp.path());
    REQUIRE(step);
    CHECK(step->ends_with(std::string("--file ") + (temp.path() / name).native() + ":" + name));
}

TEST_CASE("a file that is not here gets no hint")
{
    const test::TempDirectory temp;
    CHECK_FALSE(cli::next_step("ModuleNotFoundError: No module named 'numpy'\n", temp.path()));
    CHECK_FALSE(cli::next_step("Segmentation fault\n", temp.path()));
}
