#include "agent_under_test.hpp"
#include "catch.hpp"

#include <algorithm>

using namespace std::chrono_literals;
using namespace sbx::wire;
using test::AgentUnderTest;

namespace {

const AgentUnderTest::Options living{.one_shot = false};

StreamId watch(AgentUnderTest& agent, Watch request)
{
    const StreamId id = agent.owner.watch(request);
    REQUIRE(agent.until([&] { return agent.seen.opened.contains(id) || !agent.owner.is_open(id); }));
    return id;
}

bool tells(AgentUnderTest& agent, StreamId id, ChangeKind kind, const std::string& path)
{
    const Changed wanted{.kind = kind, .path = path};
    return agent.until(
        [&] {
            const auto& changes = agent.seen.changes[id];
            return std::ranges::find(changes, wanted) != changes.end();
        },
        5s);
}

}  // namespace

TEST_CASE("what happens in a watched directory is told")
{
    AgentUnderTest agent(living);
    agent.sh("mkdir /work/d; echo x > /work/d/old; echo x > /work/d/gone");
    const StreamId id = watch(agent, {.path = "/work/d"});
    agent.sh("cd /work/d; : > new; echo x >> old; rm gone; mv new renamed; chmod 600 old");
    CHECK(tells(agent, id, ChangeKind::created, "new"));
    CHECK(tells(agent, id, ChangeKind::written, "old"));
    CHECK(tells(agent, id, ChangeKind::removed, "gone"));
    CHECK(tells(agent, id, ChangeKind::renamed, "new"));
    CHECK(tells(agent, id, ChangeKind::renamed, "renamed"));
    CHECK(tells(agent, id, ChangeKind::attributes, "old"));
}

TEST_CASE("without recursive only the directory itself is watched")
{
    AgentUnderTest agent(living);
    agent.sh("mkdir -p /work/d/below");
    const StreamId id = watch(agent, {.path = "/work/d"});
    agent.sh("cd /work/d; echo x > below/unseen; echo x > seen");
    CHECK(tells(agent, id, ChangeKind::created, "seen"));
    CHECK(tells(agent, id, ChangeKind::written, "seen"));
    CHECK(agent.seen.changes[id].size() == 2);
}

TEST_CASE("a recursive watch sees directories that were there, that come, and what came with them")
{
    AgentUnderTest agent(living);
    agent.sh("mkdir -p /work/d/a/b");
    const StreamId id = watch(agent, {.path = "/work/d", .recursive = true});
    agent.sh("cd /work/d; echo x > a/b/deep; mkdir -p n/e/w; echo x > n/e/w/file");
    CHECK(tells(agent, id, ChangeKind::created, "a/b/deep"));
    CHECK(tells(agent, id, ChangeKind::created, "n"));
    CHECK(tells(agent, id, ChangeKind::created, "n/e/w/file"));
    agent.sh("cd /work/d; echo x > n/e/w/later");
    CHECK(tells(agent, id, ChangeKind::created, "n/e/w/later"));
}

TEST_CASE("a directory that is moved is watched under its new name, and outside not at all")
{
    AgentUnderTest agent(living);
    agent.sh("mkdir -p /work/d/a/b /work/d/out");
    const StreamId id = watch(agent, {.path = "/work/d", .recursive = true});
    agent.sh("cd /work/d; mv a z; mv out /work/out");
    CHECK(tells(agent, id, ChangeKind::renamed, "z"));
    CHECK(tells(agent, id, ChangeKind::renamed, "out"));
    agent.sh("echo x > /work/out/unseen; echo x > /work/d/z/b/file");
    CHECK(tells(agent, id, ChangeKind::created, "z/b/file"));
    for (const Changed& change : agent.seen.changes[id]) CHECK(change.path.find("unseen") == std::string::npos);
}

TEST_CASE("a watch ends when its directory is gone")
{
    AgentUnderTest agent(living);
    agent.sh("mkdir /work/d");
    const StreamId id = watch(agent, {.path = "/work/d", .recursive = GENERATE(true, false)});
    agent.sh(GENERATE("rmdir /work/d", "mv /work/d /work/e"));
    REQUIRE(agent.until([&] { return !agent.owner.is_open(id); }, 5s));
    CHECK(agent.seen.replies.contains(id));
}

TEST_CASE("closing a watch ends it and its child")
{
    AgentUnderTest agent(living);
    const StreamId id = watch(agent, {.path = "/work"});
    agent.owner.close(id);
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.errors.at(id).code == FailureCode::cancelled);
    CHECK(agent.until([&] { return agent.cell().processes() == 1; }, 5s));
}

TEST_CASE("what can't be watched is told")
{
    AgentUnderTest agent(living);
    agent.sh("echo x > /work/file; ln -s / /work/link; mkdir -m 0 /work/closed");
    const auto [path, code] = GENERATE(table<const char*, FailureCode>({{"/work/none", FailureCode::not_found},
                                                                        {"/work/file", FailureCode::not_found},
                                                                        {"/work/link", FailureCode::not_found},
                                                                        {"/work/closed", FailureCode::denied},
                                                                        {"/proc/1", FailureCode::denied},
                                                                        {"work", FailureCode::denied}}));
    const StreamId id = watch(agent, {.path = path});
    REQUIRE(agent.seen.errors.contains(id));
    CHECK(agent.seen.errors.at(id).code == code);
}

TEST_CASE("changes beyond the window wait inside, and when there are too many the loss is told")
{
    AgentUnderTest agent(living);
    agent.seen.consume = false;
    const StreamId id = watch(agent, {.path = "/work", .window = 100});
    const StreamId busy = agent.owner.spawn(
        {.argv = {"python3", "-c", "import os\nfor i in range(30000): os.mkdir('/work/d'); os.rmdir('/work/d')"}});
    REQUIRE(agent.finish(busy));
    CHECK(agent.seen.exits.at(busy).code == 0);
    CHECK(agent.seen.changes[id].size() <= 100);
    agent.seen.consume = true;
    std::size_t returned = 0;
    CHECK(agent.until(
        [&] {
            const auto& changes = agent.seen.changes[id];
            if (returned == 0) {
                returned = changes.size();
                agent.owner.consumed(id, Channel::input, returned);
            }
            return !changes.empty() && changes.back().kind == ChangeKind::overflow;
        },
        20s));
    CHECK(agent.sh("echo x > /work/after").code == 0);
    CHECK(tells(agent, id, ChangeKind::created, "after"));
}

TEST_CASE("a watch takes at most 4,096 directories, now and later")
{
    AgentUnderTest agent(living);
    agent.sh("mkdir /tmp/d; cd /tmp/d; seq 4090 | xargs mkdir");
    const StreamId id = watch(agent, {.path = "/tmp/d", .recursive = true});
    REQUIRE(agent.owner.is_open(id));
    // Those that go make room.
    agent.sh("cd /tmp/d; rmdir 1 2 3 4 5 6 7 8; mkdir a b c d e f g h");
    CHECK(tells(agent, id, ChangeKind::created, "h"));
    CHECK(agent.owner.is_open(id));
    agent.sh("cd /tmp/d; mkdir i j k l m n o");
    REQUIRE(agent.until([&] { return !agent.owner.is_open(id); }, 5s));
    CHECK(agent.seen.errors.at(id).code == FailureCode::too_large);
    const StreamId again = watch(agent, {.path = "/tmp/d", .recursive = true});
    CHECK(agent.seen.errors.at(again).code == FailureCode::too_large);
}
