#include "agent_under_test.hpp"
#include "catch.hpp"

using namespace sbx::wire;
using test::AgentUnderTest;

namespace {

/// What is left for the next program to see.
std::string left_in(AgentUnderTest& agent)
{
    agent.sh("ls -A /work /tmp; stat -c %a /work; set -- /proc/[0-9]*; echo $#");
    return agent.out();
}

}  // namespace

TEST_CASE("a reset kills everything and takes away all files")
{
    AgentUnderTest agent({.one_shot = false});
    const std::string before = left_in(agent);
    agent.sh(
        "(setsid sh -c 'while :; do touch /work/again; done' &) >/dev/null 2>&1 </dev/null;"
        "mkdir -p /work/a/b /tmp/c; touch /work/a/b/f; ln -s / /work/root; chmod 0 /work/a/b /work/a /work");
    const StreamId reset = agent.owner.reset({});
    REQUIRE(agent.finish(reset));
    CHECK(agent.seen.replies.contains(reset));
    CHECK(left_in(agent) == before);
}

TEST_CASE("directories deeper than any path go too")
{
    AgentUnderTest agent({.one_shot = false});
    const std::string before = left_in(agent);
    agent.sh("cd /work; for i in $(seq 2500); do mkdir d && cd d || exit 1; done; touch /work/lifted-1");
    const StreamId reset = agent.owner.reset({});
    REQUIRE(agent.finish(reset));
    CHECK(agent.seen.replies.contains(reset));
    CHECK(left_in(agent) == before);
}

TEST_CASE("what comes after a reset finds a clean sandbox")
{
    AgentUnderTest agent({.one_shot = true});
    agent.sh("touch /work/file");
    const StreamId reset = agent.owner.reset({});
    agent.run({.after = reset, .argv = {"/bin/sh", "-c", "ls -A /work"}});
    CHECK(agent.out().empty());
}

TEST_CASE("nothing is reset for who has not claimed the sandbox")
{
    AgentUnderTest agent({.claim = false});
    const StreamId id = agent.owner.reset({});
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.errors.at(id).code == FailureCode::denied);
}
