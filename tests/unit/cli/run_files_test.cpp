#include "cli/run_files.hpp"

#include "catch.hpp"
#include "core/whole_file.hpp"
#include "temp_directory.hpp"

#include <filesystem>

using namespace sbx;
using namespace sbx::cli;

TEST_CASE("a file goes where its flag says, below /work or /tmp")
{
    const test::TempDirectory temp;
    const std::string file = (temp.path() / "data.csv").native();
    REQUIRE(write_whole_file(file, "x"));
    const auto [suffix, target] = GENERATE(table<const char*, const char*>({
        {"", "/work/data.csv"},
        {":", "/work/data.csv"},
        {":other", "/work/other"},
        {":in/", "/work/in/data.csv"},
        {":/work", "/work/data.csv"},
        {":/tmp", "/tmp/data.csv"},
        {":/tmp/x/y", "/tmp/x/y"},
        {":a/../b", "/work/b"},
    }));
    CAPTURE(suffix);
    const auto parsed = parse_input_file(file + suffix, false);
    REQUIRE(parsed);
    CHECK(parsed->target == target);
}

TEST_CASE("a place outside is refused")
{
    const test::TempDirectory temp;
    const std::string file = (temp.path() / "data.csv").native();
    REQUIRE(write_whole_file(file, "x"));
    const std::string suffix = GENERATE(":/etc/passwd", ":../x", ":/work/../../x", ":/workother", ":/tmp/../x");
    CAPTURE(suffix);
    const auto parsed = parse_input_file(file + suffix, false);
    REQUIRE(!parsed);
    CHECK(parsed.error().code == Errc::invalid_argument);
}

TEST_CASE("a colon in the name of an existing file is no separator")
{
    const test::TempDirectory temp;
    const std::string file = (temp.path() / "a:b").native();
    REQUIRE(write_whole_file(file, "x"));
    const auto parsed = parse_input_file(file, false);
    REQUIRE(parsed);
    CHECK(parsed->target == "/work/a:b");
}

TEST_CASE("an output is a glob below the work directory and a directory of this host")
{
    const auto [text, pattern, directory] = GENERATE(table<const char*, const char*, const char*>({
        {"out.txt", "out.txt", "."},
        {"out/*.csv:results", "out/*.csv", "results"},
        {"/work/a:/srv/b", "a", "/srv/b"},
        {".:all", ".", "all"},
    }));
    const auto parsed = parse_output_files(text);
    REQUIRE(parsed);
    CHECK(parsed->pattern == pattern);
    CHECK(parsed->directory == directory);
}

TEST_CASE("an output elsewhere is refused")
{
    const std::string text = GENERATE("/etc/passwd:x", "../x", ":dir", "a:");
    CAPTURE(text);
    CHECK(!parse_output_files(text));
}

TEST_CASE("a program starts anywhere but in the kernel's own directories")
{
    CHECK(*parse_work_directory("sub/dir") == "/work/sub/dir");
    CHECK(*parse_work_directory("/srv") == "/srv");
    const std::string text = GENERATE("/proc/self/fd/3", "/sys", "/dev", "/.sbx", "../proc/1");
    CAPTURE(text);
    CHECK(!parse_work_directory(text));
}
