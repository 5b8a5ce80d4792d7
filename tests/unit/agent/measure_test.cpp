#include "agent_under_test.hpp"
#include "catch.hpp"

using namespace sbx::wire;
using test::AgentUnderTest;

TEST_CASE("the agent measures what the sandbox's files take, before and after a program wrote some")
{
    AgentUnderTest agent({.one_shot = false});
    const StreamId before = agent.owner.measure({});
    REQUIRE(agent.finish(before));
    CHECK(agent.seen.measured.at(before).work_bytes == 0);
    CHECK(agent.seen.measured.at(before).work_size_bytes == 64U << 20);
    agent.sh("head -c 1000000 /dev/zero > /work/file");
    const StreamId after = agent.owner.measure({});
    REQUIRE(agent.finish(after));
    CHECK(agent.seen.replies.contains(after));
    CHECK(agent.seen.measured.at(after).work_bytes >= 1'000'000);
    CHECK(agent.seen.measured.at(after).work_bytes < 1'100'000);
}

TEST_CASE("nothing is measured for who has not claimed the sandbox")
{
    AgentUnderTest agent({.claim = false});
    const StreamId id = agent.owner.measure({});
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.errors.at(id).code == FailureCode::denied);
}
