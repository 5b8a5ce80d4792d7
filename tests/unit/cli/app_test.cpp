#include "cli/app.hpp"
#include "catch.hpp"
#include "cli/help_text.hpp"
#include "command_output.hpp"
#include "sbx/language.hpp"

#include <nlohmann/json.hpp>

using test::run_command;

TEST_CASE("no command at all is a request for help")
{
    const auto output = run_command({});
    CHECK(output.exit_code == 0);
    CHECK(output.out == run_command({"--help"}).out);
    CHECK(output.out.find("Usage: sbx [FLAGS] COMMAND") != std::string::npos);
    CHECK(output.err.empty());
}

TEST_CASE("help and version follow the name of the program")
{
    CHECK(run_command({"lang", "ls", "--help"}, "sandbox").out.find("Usage: sandbox lang ls") != std::string::npos);
    CHECK(run_command({"--version"}, "sandbox").out.starts_with("sandbox "));
    CHECK(run_command({"lnag"}, "sandbox").err.starts_with("sandbox: no such command: sandbox lnag"));
}

TEST_CASE("every command has help with an example, and the tree lists it")
{
    const std::string overview = run_command({"--help"}).out;
    for (const sbx::cli::Command& command : sbx::cli::commands()) {
        CAPTURE(command.name);
        const auto output = run_command({std::string(command.name), "--help"});
        CHECK(output.exit_code == 0);
        CHECK(output.out.starts_with(std::string(command.summary) + "\n"));
        CHECK(output.out.find("\nExamples:\n") != std::string::npos);
        CHECK(overview.find(std::string(command.summary)) != std::string::npos);
    }
}

TEST_CASE("a mistyped command or flag gets the nearest and a usage exit code")
{
    const auto command = run_command({"confg"});
    CHECK(command.exit_code == 2);
    CHECK(command.err == "sbx: no such command: sbx confg\n  → did you mean config?\n");
    CHECK(command.out.empty());
    const auto flag = run_command({"config", "show", "--orign"});
    CHECK(flag.exit_code == 2);
    CHECK(flag.err == "sbx: unknown flag --orign\n  → did you mean --origin?\n");
}

TEST_CASE("with --json every usage error is one object on stdout and nothing on stderr")
{
    const auto arguments =
        GENERATE(std::vector<std::string>{"lang", "show", "--json"}, std::vector<std::string>{"confg", "--json"},
                 std::vector<std::string>{"config", "--json"},
                 std::vector<std::string>{"--nonsense", "config", "show", "--json"},
                 std::vector<std::string>{"config", "get", "a", "b", "c", "--json"},
                 std::vector<std::string>{"config", "show", "--json", "--config"});
    CAPTURE(arguments);
    const auto output = run_command(arguments);
    CHECK(output.exit_code == 2);
    CHECK(output.err.empty());
    const auto object = nlohmann::json::parse(output.out);
    CHECK(object["error"]["code"] == "invalid_argument");
    CHECK_FALSE(object["error"]["message"].get<std::string>().empty());
    CHECK(object["error"]["retryable"] == false);
    CHECK(object["origin"] == "sbx");
    CHECK(object["exit_code"] == 2);
}

TEST_CASE("a missing language is not found")
{
    const auto output = run_command({"lang", "show", "malbolge"});
    CHECK(output.exit_code == 3);
    CHECK(output.err == "sbx: no such language: malbolge\n  → sbx lang ls\n");
}

TEST_CASE("lists come as JSON, as names or as a table")
{
    const auto languages = nlohmann::json::parse(run_command({"lang", "ls", "--json"}).out);
    CHECK(languages.size() == sbx::languages().size());
    CHECK(languages[0]["name"] == "python");
    CHECK(run_command({"lang", "ls", "-q"}).out.starts_with("python\njavascript\n"));
    CHECK(run_command({"lang", "ls"}).out.starts_with("LANGUAGE"));
}
