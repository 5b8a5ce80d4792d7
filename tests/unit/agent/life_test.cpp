#include "agent_under_test.hpp"
#include "catch.hpp"
#include "core/wire/file_window.hpp"

#include <signal.h>

using namespace std::chrono_literals;
using namespace sbx::wire;
using test::AgentUnderTest;

TEST_CASE("the end of the owner's stream kills everything at once")
{
    AgentUnderTest agent;
    const StreamId id = agent.owner.spawn({.argv = {"/bin/sh", "-c", "trap '' TERM HUP; echo up; sleep 1000"}});
    REQUIRE(agent.until([&] { return !agent.text(id, Channel::out).empty(); }));
    agent.close_input();
    CHECK(agent.ends(1s));
}

TEST_CASE("shutdown ends the sandbox, but only for who has claimed it")
{
    AgentUnderTest agent({.claim = false});
    agent.owner.shutdown();
    agent.owner.ping(1);
    REQUIRE(agent.until([&] { return agent.seen.pongs.size() == 1; }));
    agent.owner.claim({.token = "t"});
    agent.owner.shutdown();
    CHECK(agent.ends());
}

TEST_CASE("nothing runs before the claim, and a second claim needs the token")
{
    AgentUnderTest agent({.claim = false});
    const StreamId early = agent.owner.spawn({.argv = {"true"}});
    const StreamId empty = agent.owner.claim({.token = ""});
    const StreamId first = agent.owner.claim({.token = "secret"});
    const StreamId wrong = agent.owner.claim({.token = "Secret"});
    const StreamId again = agent.owner.claim({.token = "secret"});
    REQUIRE(agent.finish(again));
    CHECK(agent.seen.errors.at(early).code == FailureCode::denied);
    CHECK(agent.seen.errors.at(empty).code == FailureCode::invalid);
    CHECK(agent.seen.replies.contains(first));
    CHECK(agent.seen.errors.at(wrong).code == FailureCode::denied);
    CHECK(agent.seen.replies.contains(again));
}

TEST_CASE("the sandbox ends when its lease is not renewed")
{
    AgentUnderTest agent({.lease = 300ms});
    const auto start = std::chrono::steady_clock::now();
    agent.owner.spawn({.argv = {"sleep", "1000"}});
    CHECK(agent.ends(5s));
    CHECK(std::chrono::steady_clock::now() - start >= 250ms);
}

TEST_CASE("a renewed lease holds, and stop gives a longer one until cont")
{
    AgentUnderTest agent({.lease = 300ms});
    agent.owner.stop(60s);
    CHECK_FALSE(agent.until([] { return false; }, 500ms));
    agent.owner.cont();
    agent.owner.lease(400ms);
    agent.owner.ping(1);
    REQUIRE(agent.until([&] { return agent.seen.pongs.size() == 1; }));
    CHECK(agent.ends(5s));
}

TEST_CASE("an agent that was stopped gives its owner time to come back")
{
    AgentUnderTest agent({.lease = 1s});
    REQUIRE(agent.sh("true").code == 0);
    kill(agent.cell().pid(), SIGSTOP);
    CHECK_FALSE(agent.until([] { return false; }, 2'500ms));
    kill(agent.cell().pid(), SIGCONT);
    CHECK_FALSE(agent.ends(500ms));
    agent.owner.lease(60s);
    CHECK(agent.sh("echo alive").code == 0);
    CHECK(agent.out() == "alive\n");
}

TEST_CASE("an agent that nobody claims ends by itself")
{
    AgentUnderTest agent({.claim = false, .arguments = {"200"}});
    CHECK(agent.ends(5s));
}

TEST_CASE("after a one-shot program's end the agent waits for its owner")
{
    AgentUnderTest agent;
    REQUIRE(agent.sh("head -c 300000 /dev/zero").code == 0);
    CHECK_FALSE(agent.ends(200ms));
    CHECK(agent.out().size() == 300'000);
}

TEST_CASE("bytes that are no frames end the sandbox")
{
    const auto bytes = GENERATE(values<std::string>({
        std::string(12, '\0'), std::string(12, '\xff'),
        std::string("\x02\0\0\0\x03\0\1\0\0\0\0\0{}", 14),               // an unknown flag
        std::string("\x02\0\0\0\x15\0\0\0\1\0\0\0{}", 14),               // exit, from the owner
        std::string("\x02\0\0\0\x10\0\0\0\2\0\0\0{}", 14),               // an even stream
        std::string("\x02\0\0\0\x10\0\0\0\1\0\0\0{}", 14),               // a stream opened before
        std::string("\x02\0\0\0\x12\0\0\0\x63\0\0\0{}", 14),             // eof for a stream never opened
        std::string("\x02\0\0\0\x10\0\0\0\x63\0\0\0[]", 14),             // a list where a message belongs
        std::string("\x07\0\0\0\x03\0\0\0\0\0\0\0{\"x\":1}", 19),        // an unknown key
        std::string("\x0d\0\0\0\x01\0\0\0\0\0\0\0{\"version\":2}", 25),  // another version
        std::string("\x01\0\x10\0\x11\0\0\0\1\0\0\0x", 13),              // data longer than a frame may be
    }));
    AgentUnderTest agent;
    agent.owner.spawn({.argv = {"sleep", "1000"}});
    agent.send_raw(bytes);
    CHECK(agent.ends(5s));
}

TEST_CASE("data beyond the window ends the sandbox")
{
    AgentUnderTest agent;
    // Nothing is taken from a stream that has not started.
    const StreamId before = agent.owner.spawn({.argv = {"sleep", "1000"}});
    const StreamId id = agent.owner.tar_in({.after = before});
    std::string frames;
    append_frame(frames, Type::data, 0, id, std::string(file_window, 'x'));
    append_frame(frames, Type::data, 0, id, "x");
    agent.send_raw(frames);
    CHECK(agent.ends(5s));
}

TEST_CASE("it refuses to run as anything but process 1")
{
    const std::string command = std::string(SBX_AGENT_EMULATOR) + " " + SBX_AGENT_PROGRAM + " 2>/dev/null </dev/null";
    CHECK(WEXITSTATUS(std::system(command.c_str())) == 2);
}

TEST_CASE("a thousand pings are answered in order while a program floods")
{
    AgentUnderTest agent;
    agent.seen.keep = false;
    agent.owner.spawn({.argv = {"yes"}});
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        agent.owner.ping(i);
        REQUIRE(agent.until([&] { return agent.seen.pongs.size() == i + 1; }));
    }
    CHECK(agent.seen.pongs.back() == 999);
}
