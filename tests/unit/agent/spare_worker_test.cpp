#include "agent_under_test.hpp"
#include "archive.hpp"
#include "catch.hpp"

#include <signal.h>

using namespace std::chrono_literals;
using namespace sbx::wire;
using test::AgentUnderTest;

namespace {

// In a sandbox that waits for its run the agent is process 1, and the child that waits for files is process 2.
constexpr const char* own_number = "echo $$";

AgentUnderTest::Options waiting()
{
    AgentUnderTest::Options options;
    options.one_shot = false;
    options.arguments = {"60000"};
    return options;
}

StreamId unpack(AgentUnderTest& agent, const test::Member& member)
{
    const StreamId id = agent.owner.tar_in({});
    agent.owner.send(id, test::pack({member}));
    agent.owner.eof(id);
    REQUIRE(agent.finish(id));
    return id;
}

}  // namespace

TEST_CASE("in a sandbox that waits, a child that waits too unpacks the first files")
{
    AgentUnderTest agent(waiting());
    const StreamId id = unpack(agent, {.path = "x", .content = "content"});
    CHECK(agent.seen.replies.at(id) == Reply{.bytes = 7, .entries = 1});
    agent.sh("cat x; stat -c ' %u %a' x; echo $$");
    CHECK(agent.out() == "content 1000 644\n3\n");
}

TEST_CASE("the files after the first ones have a child of their own")
{
    AgentUnderTest agent(waiting());
    for (const char* const name : {"x", "y"}) unpack(agent, {.path = name, .content = name});
    agent.sh("cat x y; echo; echo $$");
    CHECK(agent.out() == "xy\n4\n");
}

TEST_CASE("no program sees the child that waits for files")
{
    AgentUnderTest agent(waiting());
    agent.sh("echo $$; set -- /proc/[0-9]*; echo $#");
    CHECK(agent.out() == "3\n2\n");
}

TEST_CASE("where the child that waits for files is gone, another one is made")
{
    AgentUnderTest agent(waiting());
    agent.owner.signal_all(SIGKILL);
    const StreamId id = unpack(agent, {.path = "x", .content = "content"});
    CHECK(agent.seen.replies.contains(id));
    agent.sh("cat x; echo; echo $$");
    CHECK(agent.out() == "content\n4\n");
}

TEST_CASE("the child that waits for files lets nothing out of the directory")
{
    AgentUnderTest agent(waiting());
    const StreamId id = unpack(agent, {.path = "../tmp/x", .content = "x"});
    REQUIRE(agent.seen.errors.contains(id));
    CHECK(agent.seen.errors[id].code == FailureCode::denied);
    agent.sh("ls -A /tmp");
    CHECK(agent.out().empty());
}

TEST_CASE("after a reset another child waits for files")
{
    AgentUnderTest agent(waiting());
    agent.sh(own_number);
    REQUIRE(agent.out() == "3\n");
    REQUIRE(agent.finish(agent.owner.reset({})));  // by a child, process 4
    unpack(agent, {.path = "x", .content = "content"});
    agent.sh("cat x; echo; echo $$");
    CHECK(agent.out() == "content\n6\n");
}

TEST_CASE("a sandbox that does not wait has no child that waits for files")
{
    AgentUnderTest agent;
    agent.sh(own_number);
    CHECK(agent.out() == "2\n");
}
