#include "cli/command_line.hpp"
#include "catch.hpp"

using Words = std::vector<std::string>;

namespace {

/// A tree like that of sbx: one command that runs programs, one with commands below it.
struct Tree {
    CLI::App app{"", "sbx"};
    std::string text;
    bool flag = false;

    Tree()
    {
        CLI::App* run = app.add_subcommand("run");
        run->add_option("-c,--code", text);
        run->add_option("-e,--env", text);
        run->add_flag("-i,--stdin", flag);
        run->add_flag("-t,--tty", flag);
        run->add_flag("--json", flag);
        CLI::App* config = app.add_subcommand("config");
        config->group("Commands");
        config->add_subcommand("get")->add_option("KEY", text);
    }

    sbx::cli::CommandLine read(const Words& arguments, bool operands_end_flags = true) const
    {
        return sbx::cli::read_command_line(app, arguments, operands_end_flags);
    }
};

}  // namespace

TEST_CASE("everything after the script belongs to the program")
{
    const auto line = Tree().read({"run", "-i", "x.py", "--json", "-c", "--", "config"});
    CHECK(line.words == Words{"run", "-i"});
    CHECK(line.operands == Words{"x.py", "--json", "-c", "--", "config"});
    CHECK_FALSE(line.json);
    CHECK_FALSE(line.separator);
    CHECK_FALSE(line.error);
}

TEST_CASE("everything after the code belongs to it")
{
    const auto arguments =
        GENERATE(Words{"run", "-i", "-c", "x", "--json", "-t"}, Words{"run", "-i", "-cx", "--json", "-t"});
    const auto line = Tree().read(arguments);
    CHECK(line.words == Words{"run", "-i", "-c", "x"});
    CHECK(line.operands == Words{"--json", "-t"});
    CHECK_FALSE(line.json);
}

TEST_CASE("a separator starts a command whatever it looks like")
{
    const auto line = Tree().read({"run", "--json", "--", "--version", "--"});
    CHECK(line.operands == Words{"--version", "--"});
    CHECK(line.separator);
    CHECK(line.json);
}

TEST_CASE("a value may look like a flag, be empty or be glued to its flag")
{
    const auto [arguments, words] = GENERATE(table<Words, Words>({
        {{"run", "-c", "--json"}, {"run", "-c", "--json"}},
        {{"run", "--code", ""}, {"run", "--code", ""}},
        {{"run", "--code="}, {"run", "--code", ""}},
        {{"run", "--code=a=b"}, {"run", "--code", "a=b"}},
        {{"run", "-cprint(1)"}, {"run", "-c", "print(1)"}},
        {{"run", "-itc", "x"}, {"run", "-i", "-t", "-c", "x"}},
        {{"run", "-e", "-1"}, {"run", "-e", "-1"}},
    }));
    const auto line = Tree().read(arguments);
    CHECK(line.words == words);
    CHECK(line.operands.empty());
    CHECK_FALSE(line.json);
    CHECK_FALSE(line.error);
}

TEST_CASE("a dash alone is an operand")
{
    CHECK(Tree().read({"run", "-", "a"}).operands == Words{"-", "a"});
}

TEST_CASE("flags may follow the operands of a command that runs nothing")
{
    const auto line = Tree().read({"config", "get", "limits.pids", "--nonsense", "--json"}, false);
    CHECK(line.operands == Words{"limits.pids"});
    CHECK(line.json);
    REQUIRE(line.error);
    CHECK(line.error->message == "unknown flag --nonsense");
}

TEST_CASE("what is wrong is named with its mend")
{
    const auto [arguments, message, hint] = GENERATE(table<Words, std::string, std::string>({
        {{"run", "--cdoe", "x"}, "unknown flag --cdoe", "did you mean --code?"},
        {{"run", "-Z"}, "unknown flag -Z", "sbx run --help"},
        {{"run", "-c"}, "-c needs a value", "sbx run --help"},
        {{"config", "gte"}, "no such command: sbx config gte", "did you mean get?"},
        {{"banana"}, "no such command: sbx banana", "sbx --help"},
    }));
    const auto line = Tree().read(arguments);
    REQUIRE(line.error);
    CHECK(*line.error == sbx::Error(sbx::Errc::invalid_argument, message, hint));
}

TEST_CASE("a request for JSON is seen behind an error")
{
    CHECK(Tree().read({"run", "--nonsense", "--json", "x.py"}).json);
    CHECK_FALSE(Tree().read({"run", "x.py", "--json"}).json);
}

TEST_CASE("the value of an unknown flag is not taken for the program")
{
    CHECK(Tree().read({"run", "--tmeout", "3", "--json", "x.py"}).json);
    CHECK_FALSE(Tree().read({"run", "--nonsense", "x.py", "a", "--json"}).json);
}
