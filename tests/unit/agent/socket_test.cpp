#include "agent_under_test.hpp"
#include "catch.hpp"

#include <signal.h>

using namespace std::chrono_literals;
using namespace sbx::wire;
using test::AgentUnderTest;
using test::Visitor;

namespace {

const AgentUnderTest::Options living{.one_shot = false};

/// Waits for the owner to be one.
void settle(AgentUnderTest& agent)
{
    REQUIRE(agent.until([&] { return agent.seen.replies.size() == 1; }));
}

StreamId claim(test::OwnerUnderTest& owner, const std::string& token = "secret", std::uint64_t lease_ms = 60'000)
{
    const StreamId id = owner.owner.claim({.token = token, .lease_ms = lease_ms});
    owner.finish(id);
    return id;
}

}  // namespace

TEST_CASE("who comes over the socket with the right token is the owner")
{
    AgentUnderTest agent(living);
    settle(agent);
    Visitor visitor(agent);
    const StreamId id = claim(visitor);
    REQUIRE(visitor.seen.replies.contains(id));
    CHECK(visitor.seen.hello);
    CHECK(visitor.sh("echo hi; echo err >&2").code == 0);
    CHECK(visitor.out() == "hi\n");
    CHECK(visitor.err() == "err\n");
}

TEST_CASE("hello, claim and a program may come over the socket at once")
{
    AgentUnderTest agent(living);
    settle(agent);
    Visitor visitor(agent);
    visitor.owner.claim({.token = "secret"});
    CHECK(visitor.sh("echo hi").code == 0);
    CHECK(visitor.out() == "hi\n");
}

TEST_CASE("a wrong token is refused and does the owner no harm")
{
    AgentUnderTest agent(living);
    const StreamId running = agent.owner.spawn({.argv = {"sleep", "1000"}});
    settle(agent);
    Visitor visitor(agent);
    const StreamId id = claim(visitor, GENERATE("Secret", "", "secret2"));
    REQUIRE(visitor.seen.errors.contains(id));
    CHECK(visitor.is_dropped(2s));
    CHECK(agent.sh("echo mine").code == 0);
    CHECK(agent.owner.is_open(running));
}

TEST_CASE("nothing is done for who has not claimed")
{
    AgentUnderTest agent(living);
    settle(agent);
    Visitor visitor(agent);
    const StreamId id = visitor.owner.spawn({.argv = {"true"}});
    visitor.owner.shutdown();
    REQUIRE(visitor.finish(id));
    CHECK(visitor.seen.errors.at(id).code == FailureCode::denied);
    CHECK(agent.sh("echo mine").code == 0);
}

TEST_CASE("who does not claim within five seconds is dropped, and the next one is let in")
{
    AgentUnderTest agent(living);
    settle(agent);
    Visitor idle(agent);
    REQUIRE(idle.until([&] { return idle.seen.hello.has_value(); }));
    Visitor next(agent);
    CHECK_FALSE(next.until([&] { return next.seen.hello.has_value(); }, 500ms));
    CHECK(idle.is_dropped(6s));
    claim(next);
    CHECK(next.sh("true").code == 0);
}

TEST_CASE("before anybody has claimed the sandbox a visitor may take its time, whatever becomes of the first stream")
{
    AgentUnderTest agent({.claim = false, .arguments = {"60000"}});
    REQUIRE(agent.until([&] { return agent.seen.hello.has_value(); }));
    Visitor early(agent);
    REQUIRE(early.until([&] { return early.seen.hello.has_value(); }));
    agent.close_input();
    CHECK_FALSE(early.is_dropped(5500ms));
    claim(early);
    CHECK(early.sh("echo hi").code == 0);
}

TEST_CASE("a sandbox that nobody has claimed ends with its last visitor")
{
    AgentUnderTest agent({.claim = false, .arguments = {"60000"}});
    REQUIRE(agent.until([&] { return agent.seen.hello.has_value(); }));
    Visitor early(agent);
    REQUIRE(early.until([&] { return early.seen.hello.has_value(); }));
    agent.close_input();
    early.close_input();
    CHECK(agent.ends(5s));
}

TEST_CASE("a one-shot sandbox that waited for its owner stays a moment after it, when nothing runs there")
{
    AgentUnderTest agent({.arguments = {"60000"}});
    CHECK(agent.sh("true").code == 0);
    agent.close_input();
    CHECK_FALSE(agent.ends(150ms));
    CHECK(agent.ends(5s));
}

TEST_CASE("bytes that are no frames end the visit and nothing else")
{
    AgentUnderTest agent(living);
    settle(agent);
    Visitor visitor(agent);
    visitor.send_raw(std::string(12, '\xff'));
    CHECK(visitor.is_dropped(2s));
    CHECK(agent.sh("echo mine").code == 0);
}

TEST_CASE("without a token nobody is the owner, whatever was said before")
{
    AgentUnderTest agent(living);
    const StreamId detached = agent.owner.spawn({.argv = {"sleep", "1000"}, .detached = true});
    REQUIRE(agent.until([&] { return agent.seen.started.contains(detached); }));
    Visitor visitor(agent);
    // The owner's streams are no concern of a visitor's.
    visitor.owner.signal(visitor.owner.claim({.token = "wrong"}), SIGKILL);
    CHECK(visitor.is_dropped(2s));
    CHECK(agent.owner.is_open(detached));
    CHECK(agent.sh("true").code == 0);
}

TEST_CASE("a new owner takes over: the earlier one's programs end, detached ones live on")
{
    AgentUnderTest agent(living);
    const StreamId detached =
        agent.owner.spawn({.argv = {"/bin/sh", "-c", "echo one; read -r line; echo \"$line\""}, .detached = true});
    agent.owner.spawn({.argv = {"sleep", "1000"}});
    agent.owner.spawn({.argv = {"yes"}});
    agent.owner.tar_out({.directory = "/usr"});
    REQUIRE(agent.until([&] { return agent.text(detached, Channel::out) == "one\n"; }));
    Visitor visitor(agent);
    claim(visitor);
    CHECK(visitor.until([&] { return agent.cell().processes() == 3; }, 5s));  // the agent, the bridge, the detached one
    const StreamId list = visitor.owner.processes({});
    REQUIRE(visitor.finish(list));
    REQUIRE(visitor.seen.processes[list].size() == 1);
    const StreamId id = visitor.owner.attach({.process = visitor.seen.processes[list].begin()->first});
    const std::string line = "two\n";
    REQUIRE(visitor.until([&] { return visitor.text(id, Channel::out) == "one\n"; }));
    visitor.owner.send(id, line);
    REQUIRE(visitor.finish(id));
    CHECK(visitor.text(id, Channel::out) == "one\ntwo\n");
    CHECK(visitor.seen.exits.at(id).code == 0);
}

TEST_CASE("after a take-over the earlier owner is not heard any more")
{
    AgentUnderTest agent(living);
    settle(agent);
    Visitor visitor(agent);
    claim(visitor);
    agent.owner.shutdown();
    agent.send_raw(std::string(12, '\xff'));
    CHECK(visitor.sh("sleep 0.2; echo still").code == 0);
    agent.close_input();
    CHECK(visitor.sh("sleep 0.2; echo still").code == 0);
    CHECK_FALSE(agent.cell().has_ended());
}

TEST_CASE("the end of the owner's stream ends no sandbox that is not one-shot, and its programs but the detached ones")
{
    AgentUnderTest agent(living);
    const StreamId detached = agent.owner.spawn({.argv = {"sleep", "1000"}, .detached = true});
    const StreamId other = agent.owner.spawn({.argv = {"/bin/sh", "-c", "echo up; sleep 1000"}});
    REQUIRE(agent.until([&] { return agent.seen.started.contains(detached) && !agent.text(other, 1).empty(); }));
    agent.close_input();
    CHECK_FALSE(agent.ends(500ms));
    CHECK(agent.cell().processes() == 2);
    Visitor visitor(agent);
    claim(visitor);
    const StreamId list = visitor.owner.processes({});
    REQUIRE(visitor.finish(list));
    CHECK(visitor.seen.processes[list].size() == 1);
}

TEST_CASE("a sandbox that its owner has left ends with its lease")
{
    AgentUnderTest agent({.one_shot = false, .lease = 1s});
    agent.owner.spawn({.argv = {"sleep", "1000"}, .detached = true});
    settle(agent);
    agent.close_input();
    CHECK_FALSE(agent.ends(500ms));
    CHECK(agent.ends(5s));
}

TEST_CASE("a sandbox that was never claimed ends with its stream")
{
    AgentUnderTest agent({.claim = false});
    REQUIRE(agent.until([&] { return agent.seen.hello.has_value(); }));
    agent.close_input();
    CHECK(agent.ends(5s));
}

TEST_CASE("owners come and go many times, and the lease is the last one's")
{
    AgentUnderTest agent(living);
    settle(agent);
    for (int i = 0; i < 10; ++i) {
        Visitor visitor(agent);
        claim(visitor);
        CHECK(visitor.sh("echo hi").code == 0);
    }
    {
        Visitor visitor(agent);
        claim(visitor, "secret", 700);
    }
    CHECK(agent.ends(5s));
}

TEST_CASE("ten megabytes go through the socket both ways")
{
    AgentUnderTest agent(living);
    settle(agent);
    Visitor visitor(agent);
    claim(visitor);
    const StreamId id = visitor.owner.spawn({.argv = {"cat"}});
    const std::string sent(10'000'000, 'x');
    std::size_t at = 0;
    REQUIRE(visitor.until([&] {
        const std::size_t step = std::min(visitor.owner.may_send(id), sent.size() - at);
        visitor.owner.send(id, std::span(sent).subspan(at, step));
        at += step;
        if (at == sent.size()) visitor.owner.eof(id);
        return !visitor.owner.is_open(id);
    }));
    CHECK(visitor.text(id, Channel::out) == sent);
}

TEST_CASE("user code can't reach the agent's socket, nor see what goes over it")
{
    AgentUnderTest agent(living);
    settle(agent);
    CHECK(agent.sh("ls /run/sbx").code != 0);
    CHECK(agent.sh("cat /run/sbx/agent.sock").code != 0);
    CHECK(agent
              .sh("python3 -c \"import socket; socket.socket(socket.AF_UNIX).connect('/run/sbx/agent.sock')\" 2>&1 |"
                  " grep -q 'Permission denied'")
              .code == 0);
    Visitor stranger(agent, 1000);
    CHECK(stranger.is_dropped(5s));
    Visitor visitor(agent);
    claim(visitor);
    CHECK(visitor
              .sh("pid=$(pgrep -f 'agent connect'); test -n \"$pid\" && ! cat /proc/$pid/environ /proc/$pid/maps &&"
                  " ! ls /proc/$pid/fd && ! kill $pid")
              .code == 0);
}
