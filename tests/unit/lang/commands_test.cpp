#include "catch.hpp"
#include "sbx/language.hpp"

#include <set>

using sbx::Arguments;

namespace {

const sbx::Language& language(std::string_view name)
{
    const auto found = sbx::find_language(name);
    REQUIRE(found);
    return **found;
}

}  // namespace

TEST_CASE("a script runs under its own name with its arguments untouched")
{
    CHECK(sbx::run_file_command(language("python"), "my script.py", {"-x", "", "{file}"}) ==
          Arguments{"python3", "my script.py", "-x", "", "{file}"});
    CHECK(sbx::run_file_command(language("js"), "-x.js", {}) == Arguments{"node", "./-x.js"});
}

TEST_CASE("code is one argument, whatever it holds")
{
    CHECK(sbx::run_code_command(language("python"), "print('{code}')", {"a"}) ==
          Arguments{"python3", "-c", "print('{code}')", "a"});
    CHECK(sbx::run_code_command(language("bash"), "echo $0 $1", {"-n"}) ==
          Arguments{"bash", "-c", "echo $0 $1", "bash", "-n"});
    CHECK(sbx::run_code_command(language("node"), "1", {"--version"}) ==
          Arguments{"node", "-e", "1", "--", "--version"});
    CHECK_FALSE(sbx::run_code_command(language("c"), "int main(){}", {}));
}

TEST_CASE("code from standard input keeps the arguments")
{
    CHECK(sbx::run_stdin_command(language("python"), {"-v"}) == Arguments{"python3", "-", "-v"});
    CHECK(sbx::run_stdin_command(language("bash"), {"-v"}) == Arguments{"bash", "-s", "--", "-v"});
    CHECK_FALSE(sbx::run_stdin_command(language("cpp"), {}));
}

TEST_CASE("a compiler gets the user's file name and a program outside the work directory")
{
    CHECK(sbx::compile_command(language("c"), "hello world.c") == Arguments{"gcc", "-O2", "-o",
                                                                            std::string(sbx::program_path), "-x", "c",
                                                                            "hello world.c", "-x", "none", "-lm"});
    CHECK(sbx::run_file_command(language("cpp"), "hello.cpp", {"1"}) == Arguments{std::string(sbx::program_path), "1"});
    CHECK(sbx::compile_command(language("python"), "x.py").empty());
}

TEST_CASE("an interpreter that was started ahead becomes what it would have been started as by its language")
{
    const auto fits = [](std::string_view name, Arguments command,
                         const std::vector<std::pair<std::string, std::string>>& environment = {}) {
        return sbx::fits_preload(language(name), command, environment);
    };
    CHECK(fits("node", {"node", "x.mjs", "-a"}));
    CHECK(fits("node", {"node", "-e", "1", "--", "-a"}));
    CHECK(fits("node", {"node", "-"}));
    CHECK(fits("node", {"node", "x.js"}, {{"NODES", "1"}, {"TZ", "Asia/Tokyo"}}));
    CHECK_FALSE(fits("node", {"node", "--test", "x.js"}));
    CHECK_FALSE(fits("node", {"node", "inspect", "x.js"}));
    CHECK_FALSE(fits("node", {"node", "-e", "1", "-p"}));
    CHECK_FALSE(fits("node", {"node", "-e", "-1", "--"}));
    CHECK_FALSE(fits("node", {"node"}));
    CHECK_FALSE(fits("node", {"npm", "x.js"}));
    CHECK_FALSE(fits("node", {"node", "x.js"}, {{"NODE_OPTIONS", ""}}));
    CHECK_FALSE(fits("node", {"node", "x.js"}, {{"LANG", "C"}}));
    CHECK_FALSE(fits("node", {"node", "x.js"}, {{"X", "\xff"}}));
    CHECK(fits("python", {"python3", "-O", "x.py"}, {{"LANG", "C"}}));
    CHECK_FALSE(fits("python", {"ls"}));
    CHECK_FALSE(fits("bash", {"bash", "x.sh"}));
}

TEST_CASE("a kernel is known by its language's command and its context")
{
    CHECK(sbx::kernel_command(language("python"), "a") == Arguments{"python3", "/.sbx/kernel.py", "--context=a"});
    CHECK(sbx::kernel_command(language("c"), "a").empty());
}

TEST_CASE("every row of the table is whole and no name is used twice")
{
    std::set<std::string_view> names;
    for (const sbx::Language& row : sbx::languages()) {
        CAPTURE(row.name);
        CHECK(names.insert(row.name).second);
        CHECK_FALSE(row.file_name.empty());
        CHECK_FALSE(sbx::version_command(row).empty());
        const auto detected = sbx::detect_language(row.file_name, "");
        REQUIRE(detected);
        CHECK(*detected == &row);
        CHECK(&language(row.name) == &row);
    }
}
