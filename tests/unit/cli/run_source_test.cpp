#include "cli/run_source.hpp"

#include "catch.hpp"
#include "core/whole_file.hpp"
#include "temp_directory.hpp"

#include <filesystem>

using namespace sbx;
using namespace sbx::cli;

namespace {

Result<Source> find(SourceWords words)
{
    return find_source(words, "sbx");
}

}  // namespace

TEST_CASE("code is Python unless a language is named")
{
    const auto python = find({.code = "print(1)", .operands = {"a"}});
    REQUIRE(python);
    CHECK(python->command == Arguments{"python3", "-c", "print(1)", "a"});
    const auto compiled = find({.code = "int main(){}", .language = "c"});
    REQUIRE(compiled);
    CHECK(compiled->files.at(0).target == "/work/main.c");
    CHECK_FALSE(compiled->compile.empty());
}

TEST_CASE("a script keeps its name, and its arguments are its own")
{
    const test::TempDirectory temp;
    const std::string script = (temp.path() / "hällo wörld.py").native();
    REQUIRE(write_whole_file(script, "print(1)\n"));
    const auto source = find({.operands = {script, "--json", "-x"}});
    REQUIRE(source);
    CHECK(source->command == Arguments{"python3", "hällo wörld.py", "--json", "-x"});
}

TEST_CASE("a name that starts with a dash is no option of the interpreter")
{
    const test::TempDirectory temp;
    const std::string script = (temp.path() / "-i.py").native();
    REQUIRE(write_whole_file(script, ""));
    const auto source = find({.operands = {script}});
    REQUIRE(source);
    CHECK(source->command == Arguments{"python3", "./-i.py"});
}

TEST_CASE("what starts elsewhere is named by its whole path, and compiled by its own name")
{
    const auto [directory, command] = GENERATE(table<const char*, const char*>(
        {{"", "main.ts"}, {"/work/.", "main.ts"}, {"sub", "/work/main.ts"}, {"/tmp", "/work/main.ts"}}));
    CAPTURE(directory);
    const auto source = find({.code = "1", .language = "typescript", .work_directory = directory});
    REQUIRE(source);
    CHECK(source->command.back() == command);
    CHECK(source->compile.at(3) == "main.ts");
}

TEST_CASE("a command takes the image of the interpreter it is")
{
    const auto python = find({.is_command = true, .operands = {"python3", "-V"}});
    REQUIRE(python);
    CHECK(python->language->name == "python");
    const auto other = find({.is_command = true, .operands = {"ls"}});
    REQUIRE(other);
    CHECK(other->language->name == "bash");
}

TEST_CASE("what cannot be run says what to do")
{
    const test::TempDirectory temp;
    REQUIRE(write_whole_file(temp.path() / "noise",
                             "\x7f"
                             "ELF"));
    const auto nothing = find({});
    REQUIRE(!nothing);
    CHECK(nothing.error().code == Errc::invalid_argument);
    const auto missing = find({.operands = {"no-such.py"}});
    REQUIRE(!missing);
    CHECK(missing.error().code == Errc::not_found);
    const auto directory = find({.operands = {temp.path().native()}});
    REQUIRE(!directory);
    CHECK(directory.error().hint.find("--entry") != std::string::npos);
    const auto unknown = find({.operands = {(temp.path() / "noise").native()}});
    REQUIRE(!unknown);
    CHECK(unknown.error().hint.find("--lang") != std::string::npos);
}
