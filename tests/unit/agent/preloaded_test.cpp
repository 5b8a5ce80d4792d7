#include "agent_under_test.hpp"
#include "catch.hpp"

#include <signal.h>

using namespace std::chrono_literals;
using namespace sbx::wire;
using test::AgentUnderTest;

namespace {

/// A shell in the place of an interpreter. Its script begins when it is told what to be: the request is in $request,
/// with `|` for NUL.
AgentUnderTest::Options with_waiting_shell(const std::string& script)
{
    const std::string wait =
        "printf + >&60; touch /tmp/ready; request=$(dd bs=4096 count=1 <&60 2>/dev/null | tr '\\0' '|'); ";
    AgentUnderTest::Options options;
    options.one_shot = false;  // there the end of one program is the end of all that waits
    options.arguments = {"60000", "SETTING=ahead", "/bin/bash", "-c", wait + script};
    return options;
}

/// Until the shell waits. Nothing of that can be seen on the wire.
void await_ready(AgentUnderTest& agent)
{
    REQUIRE(agent.sh("until [ -e /tmp/ready ]; do sleep 0.01; done").code == 0);
}

Spawn preloaded(std::vector<std::string> argv)
{
    Spawn spawn;
    spawn.argv = std::move(argv);
    spawn.preloaded = true;
    return spawn;
}

}  // namespace

TEST_CASE("a preloaded interpreter is told argv, environment and directory, and becomes the program")
{
    AgentUnderTest agent(
        with_waiting_shell("echo \"$SETTING $request\"; echo problem >&2; read line; echo got $line; exit 7"));
    await_ready(agent);
    Spawn spawn = preloaded({"python3", "x.py", "a b"});
    spawn.env = {"NAME=value"};
    spawn.cwd = "/tmp";
    const StreamId id = agent.owner.spawn(spawn);
    agent.owner.send(id, std::string_view("typed\n"));
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.exits.at(id).code == 7);
    const std::string out = agent.text(id, Channel::out);
    CHECK(out.starts_with("ahead "));
    CHECK(out.find("|/tmp|3|python3|x.py|a b|") != std::string::npos);
    CHECK(out.find("|NAME=value|") != std::string::npos);
    CHECK(out.ends_with("got typed\n"));
    CHECK(agent.text(id, Channel::err) == "problem\n");
}

TEST_CASE("a preloaded interpreter is used once")
{
    AgentUnderTest agent(with_waiting_shell("echo preloaded"));
    await_ready(agent);
    CHECK(agent.run(preloaded({"echo", "fresh"})).code == 0);
    CHECK(agent.out() == "preloaded\n");
    CHECK(agent.run(preloaded({"echo", "fresh"})).code == 0);
    CHECK(agent.out() == "fresh\n");
}

TEST_CASE("after a reset another interpreter waits")
{
    AgentUnderTest agent(with_waiting_shell("echo preloaded"));
    for (int run = 0; run < 3; ++run) {
        await_ready(agent);
        CHECK(agent.run(preloaded({"echo", "fresh"})).code == 0);
        CHECK(agent.out() == "preloaded\n");
        const StreamId reset = agent.owner.reset({});  // takes /tmp/ready away, too
        REQUIRE(agent.finish(reset));
        CHECK(agent.seen.replies.contains(reset));
    }
}

TEST_CASE("a program that does not ask for the preloaded interpreter, or could not be it, starts anew")
{
    AgentUnderTest agent(with_waiting_shell("echo preloaded"));
    await_ready(agent);
    CHECK(agent.run({.argv = {"echo", "fresh"}}).code == 0);
    CHECK(agent.out() == "fresh\n");
    Spawn on_terminal = preloaded({"echo", "fresh"});
    on_terminal.pty = true;
    CHECK(agent.run(on_terminal).code == 0);
    CHECK(agent.out() == "fresh\r\n");
}

TEST_CASE("a preloaded interpreter that is gone or cannot be run is no loss")
{
    AgentUnderTest::Options options;
    options.arguments = {"60000", GENERATE("/bin/false", "/nonexistent")};
    AgentUnderTest agent(options);
    CHECK(agent.run(preloaded({"echo", "fresh"})).code == 0);
    CHECK(agent.run(preloaded({"echo", "fresh"})).code == 0);
    CHECK(agent.out() == "fresh\n");
}

TEST_CASE("a program does not wait for an interpreter that still starts up")
{
    AgentUnderTest::Options options;
    options.arguments = {"60000", "/bin/sh", "-c", "sleep 1000"};
    AgentUnderTest agent(options);
    CHECK(agent.run(preloaded({"echo", "fresh"})).code == 0);
    CHECK(agent.out() == "fresh\n");
}

TEST_CASE("a preloaded interpreter that cannot enter the directory says so as any program does")
{
    AgentUnderTest agent(with_waiting_shell("printf '!2' >&60; exit 127"));
    await_ready(agent);
    Spawn spawn = preloaded({"python3", "x.py"});
    spawn.cwd = "/nowhere";
    const StreamId id = agent.owner.spawn(spawn);
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.errors.at(id).code == FailureCode::no_directory);
}

TEST_CASE("a preloaded interpreter runs as the user, and signals reach the program it became")
{
    AgentUnderTest agent(with_waiting_shell("id -u; sleep 1000"));
    await_ready(agent);
    const StreamId id = agent.owner.spawn(preloaded({"python3", "x.py"}));
    REQUIRE(agent.until([&] { return agent.text(id, Channel::out) == "1000\n"; }));
    agent.owner.signal(id, SIGTERM);
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.exits.at(id).signal == SIGTERM);
}
