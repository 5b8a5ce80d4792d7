#include "agent_under_test.hpp"
#include "catch.hpp"

#include <signal.h>

using namespace sbx::wire;
using test::AgentUnderTest;

namespace {

bool contains(const std::string& text, const char* part)
{
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a terminal is the user's, has the size asked for and carries both outputs")
{
    AgentUnderTest agent;
    const Exit exit =
        agent.run({.argv = {"/bin/sh", "-c", "tty; stty size; echo err >&2; echo x >/dev/tty; stat -c %u $(tty)"},
                   .pty = true,
                   .rows = 33,
                   .columns = 77});
    CHECK(exit.code == 0);
    CHECK(agent.out() == "/dev/pts/0\r\n33 77\r\nerr\r\nx\r\n1000\r\n");
    CHECK(agent.err().empty());
}

TEST_CASE("a new size reaches the program in the terminal")
{
    AgentUnderTest agent;
    const StreamId id = agent.owner.spawn(
        {.argv = {"/bin/bash", "-c", "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done"},
         .pty = true});
    REQUIRE(agent.until([&] { return contains(agent.text(id, Channel::out), "ready"); }));
    agent.owner.resize(id, {.rows = 40, .columns = 100});
    REQUIRE(agent.finish(id));
    CHECK(contains(agent.text(id, Channel::out), "40 100\r\n"));
}

TEST_CASE("what is typed is a line, ^C an interrupt")
{
    AgentUnderTest agent;
    const StreamId id = agent.owner.spawn(
        {.argv = {"/bin/bash", "-c",
                  "trap 'echo interrupted; exit 9' INT; read -r line; echo \"<$line>\"; while :; do sleep 0.05; done"},
         .pty = true});
    const std::string typed = "hello\n";
    agent.owner.send(id, typed);
    REQUIRE(agent.until([&] { return contains(agent.text(id, Channel::out), "<hello>"); }));
    const std::string interrupt = "\x03";
    agent.owner.send(id, interrupt);
    REQUIRE(agent.finish(id));
    CHECK(contains(agent.text(id, Channel::out), "interrupted"));
    CHECK(agent.seen.exits.at(id).code == 9);
}

TEST_CASE("the end of the input ends a program that reads a terminal")
{
    AgentUnderTest agent;
    const auto typed = GENERATE(as<std::string>(), "", "line\n", "half a line");
    const StreamId id = agent.owner.spawn({.argv = {"cat"}, .pty = true});
    agent.owner.send(id, typed);
    agent.owner.eof(id);
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.exits.at(id).code == 0);
}

TEST_CASE("the end of the input comes through behind more than a terminal holds")
{
    AgentUnderTest agent;
    const StreamId id = agent.owner.spawn({.argv = {"/bin/sh", "-c", "stty -echo; sleep 0.3; wc -l"}, .pty = true});
    std::string typed;
    while (typed.size() < 200'000) typed += "a line of input\n";
    agent.owner.send(id, typed);
    agent.owner.eof(id);
    REQUIRE(agent.finish(id));
    CHECK(contains(agent.text(id, Channel::out), std::to_string(typed.size() / 16).c_str()));
}

TEST_CASE("a command that is missing is told in a terminal too")
{
    AgentUnderTest agent;
    const StreamId id = agent.owner.spawn({.argv = {"no-such-command"}, .pty = true});
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.errors.at(id).code == FailureCode::not_found);
}
