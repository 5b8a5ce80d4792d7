#include "agent_under_test.hpp"
#include "catch.hpp"

#include <signal.h>

using namespace std::chrono_literals;
using namespace sbx::wire;
using test::AgentUnderTest;

TEST_CASE("a program that the kernel killed for want of memory is told from one that was killed")
{
    AgentUnderTest agent({.memory_bytes = 48U << 20});
    const Exit oom = agent.run({.argv = {"/usr/bin/tail", "/dev/zero"}});
    CHECK(oom.signal == SIGKILL);
    CHECK(oom.oom);
    CHECK(oom.oom_kills >= 1);
    CHECK(oom.memory_limit_bytes == 48U << 20);
    CHECK(oom.memory_peak_bytes > 40U << 20);

    const Exit child = agent.sh("/usr/bin/tail /dev/zero; exit 5");
    CHECK(child.code == 5);
    CHECK_FALSE(child.oom);
    CHECK(child.oom_kills >= 1);

    const Exit killed = agent.sh("kill -9 $$");
    CHECK(killed.signal == SIGKILL);
    CHECK_FALSE(killed.oom);
    CHECK(killed.oom_kills == 0);
}

TEST_CASE("killing everything is the owner's doing, whatever the kernel killed before")
{
    AgentUnderTest agent({.memory_bytes = 48U << 20});
    const StreamId id =
        agent.owner.spawn({.argv = {"/bin/sh", "-c", "/usr/bin/tail /dev/zero; echo survived; sleep 1000"}});
    REQUIRE(agent.until([&] { return !agent.text(id, Channel::out).empty(); }));
    agent.owner.kill_all();
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.exits.at(id).signal == SIGKILL);
    CHECK(agent.seen.exits.at(id).oom_kills >= 1);
    CHECK_FALSE(agent.seen.exits.at(id).oom);
}

TEST_CASE("files count as memory and are told apart")
{
    AgentUnderTest agent({.memory_bytes = 96U << 20});
    const Exit exit = agent.sh("head -c 20000000 /dev/zero > /work/a; head -c 5000000 /dev/zero > /tmp/b");
    CHECK(exit.memory_in_files_bytes >= 25'000'000);
    CHECK(exit.memory_in_files_bytes < 26'000'000);
}

TEST_CASE("a one-shot fork bomb is over with its program")
{
    AgentUnderTest agent({.pids = 40});
    agent.sh("b() { b | b & }; b; sleep 0.3");
    CHECK(agent.until([&] { return agent.cell().processes() == 1; }, 5s));
}

TEST_CASE("a program that hides from its group is over with the sandbox's sweep")
{
    AgentUnderTest agent;
    const Exit exit = agent.sh(
        "for i in 1 2 3; do setsid sh -c 'trap \"\" TERM INT HUP; while :; do sleep 0.01; done' >/dev/null 2>&1 & "
        "done; sleep 0.1");
    CHECK(exit.signal == 0);
    CHECK(agent.cell().processes() == 1);
}
