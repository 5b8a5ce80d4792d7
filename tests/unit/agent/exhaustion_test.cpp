// Only for the machine's own architecture: an emulator needs memory and threads of its own inside the sandbox.
#include "agent_under_test.hpp"
#include "catch.hpp"

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>

using namespace std::chrono_literals;
using namespace sbx::wire;
using test::AgentUnderTest;

TEST_CASE("the agent survives full memory and says so")
{
    // Not by files alone: nobody but the agent would be left to be killed.
    AgentUnderTest agent({.one_shot = false, .work_bytes = 22U << 20, .memory_bytes = 32U << 20});
    const StreamId hog = agent.owner.spawn({.argv = {"/bin/sh", "-c",
                                                     "head -c 60000000 /dev/zero > /work/full; echo full;"
                                                     "while :; do tail /dev/zero; done"}});
    agent.until([&] { return !agent.owner.is_open(hog) || !agent.text(hog, Channel::out).empty(); });
    // While memory is full a new program is killed as it starts; that too is a result.
    const Exit exit = agent.sh("echo there is room");
    CHECK(exit.oom == (exit.signal == SIGKILL));
    agent.owner.ping(1);
    CHECK(agent.until([&] { return agent.seen.pongs.size() == 1; }));
    agent.owner.kill_all();
    REQUIRE(agent.finish(hog));
    CHECK(agent.seen.exits.at(hog).memory_in_files_bytes > 20U << 20);
}

TEST_CASE("a socket that takes an hour to close, handed to the agent, holds it up for a moment only")
{
    AgentUnderTest agent;
    std::ifstream file(SBX_LINGERING_SOCKET, std::ios::binary);
    const std::string program{std::istreambuf_iterator<char>(file), {}};
    const StreamId written = agent.owner.write({.path = "/work/linger", .mode = 0755});
    std::size_t at = 0;
    REQUIRE(agent.until([&] {
        const std::size_t step = std::min(agent.owner.may_send(written), program.size() - at);
        agent.owner.send(written, std::span(program).subspan(at, step));
        at += step;
        if (at == program.size()) agent.owner.eof(written);
        return !agent.owner.is_open(written);
    }));
    agent.seen.consume = false;
    const StreamId id = agent.owner.spawn({.argv = {"/work/linger"}, .channels = {3}, .window = 4'096});
    REQUIRE(agent.until([&] { return agent.text(id, Channel::out) == "sent\n"; }));
    REQUIRE(agent.until([&] { return agent.text(id, 3).size() == 4'096; }));
    agent.owner.consumed(id, 3, 4'096);
    REQUIRE(agent.until([&] { return agent.text(id, 3).size() == 4'097; }, 5s));
    agent.owner.ping(1);
    CHECK(agent.until([&] { return agent.seen.pongs.size() == 1; }, 2s));
    CHECK(agent.owner.is_open(id));
}

TEST_CASE("a fork bomb leaves the agent alive, every request answered, and is gone after kill all")
{
    AgentUnderTest agent({.one_shot = false, .pids = 40});
    const StreamId bomb =
        agent.owner.spawn({.argv = {"/bin/bash", "-c", "b() { b | b & }; trap '' TERM; b; sleep 1000"}});
    REQUIRE(agent.until([&] { return agent.cell().processes() >= 38; }));
    const StreamId refused = agent.owner.spawn({.argv = {"true"}});
    const StreamId listing = agent.owner.list({});
    REQUIRE(agent.until([&] { return !agent.owner.is_open(refused) && !agent.owner.is_open(listing); }));
    if (agent.seen.errors.contains(refused)) CHECK(agent.seen.errors[refused].code == FailureCode::no_processes);
    agent.owner.kill_all();
    REQUIRE(agent.finish(bomb));
    CHECK(agent.until([&] { return agent.cell().processes() == 1; }, 5s));
    CHECK(agent.sh("echo alive").code == 0);
    CHECK(agent.out() == "alive\n");
}
