#include "docker_fixture.hpp"

using sbx::Errc;
using test::DockerFixture;

TEST_CASE_METHOD(DockerFixture, "a launched agent takes its opening and answers through the channel")
{
    fill_agent_volume();
    auto launched = run(engine->launch(plan(), "echo\nhello"));
    REQUIRE(launched);
    CHECK(run(launched->life->started()));
    CHECK(read_until(*launched->channel, 5) == "hello");
    launched->channel->close();
    const auto ending = run(launched->life->ended());
    REQUIRE(ending);
    CHECK(ending->exit_code == 0);
    CHECK_FALSE(ending->killed);
    CHECK_FALSE(ending->oom);
    CHECK(is_clean());
}

TEST_CASE_METHOD(DockerFixture, "an empty agent volume is told from other failures, filled, and launched again")
{
    auto launched = run(engine->launch(plan(), "echo\n"));
    REQUIRE(launched);
    const auto started = run(launched->life->started());
    REQUIRE_FALSE(started);
    CHECK(sbx::is_agent_missing(started.error()));
    CHECK(is_clean());

    fill_agent_volume();
    launched = run(engine->launch(plan(), "echo\nagain"));
    REQUIRE(launched);
    CHECK(run(launched->life->started()));
    CHECK(read_until(*launched->channel, 5) == "again");
}

TEST_CASE_METHOD(DockerFixture, "an opening of 64 MiB arrives whole")
{
    fill_agent_volume();
    constexpr std::size_t size = 64U << 20;
    auto launched = run(engine->launch(plan(), "echo\n" + std::string(size, 'o')));
    REQUIRE(launched);
    CHECK(read_until(*launched->channel, size) == std::string(size, 'o'));
    CHECK(run(launched->life->started()));
}

TEST_CASE_METHOD(DockerFixture, "the ending tells a program's own end, an outside kill and a lack of memory apart")
{
    fill_agent_volume();
    SECTION("its own exit code, and what it said outside of its channel")
    {
        auto launched = run(engine->launch(plan(), "complain no such thing\n"));
        REQUIRE(launched);
        const auto ending = run(launched->life->ended());
        REQUIRE(ending);
        CHECK(ending->exit_code == 3);
        CHECK_FALSE(ending->killed);
        CHECK(read_until(*launched->channel, 1).empty());
    }
    SECTION("killed by somebody else")
    {
        auto launched = run(engine->launch(plan(), "hang\n"));
        REQUIRE(launched);
        CHECK(run(launched->life->started()));
        const auto other = engine_at(test::local_endpoint());
        CHECK(run(other->kill(launched->id)));
        const auto ending = run(launched->life->ended());
        REQUIRE(ending);
        CHECK(ending->exit_code == 137);
        CHECK(ending->killed);
    }
    SECTION("killed by us")
    {
        auto launched = run(engine->launch(plan(), "hang\n"));
        REQUIRE(launched);
        CHECK(run(launched->life->started()));
        CHECK(run(engine->kill(launched->id)));
        const auto ending = run(launched->life->ended());
        REQUIRE(ending);
        CHECK_FALSE(ending->killed);
    }
    SECTION("out of memory")
    {
        sbx::Plan small = plan();
        small.limits.memory_bytes = 32U << 20;
        auto launched = run(engine->launch(small, "devour\n"));
        REQUIRE(launched);
        const auto ending = run(launched->life->ended());
        REQUIRE(ending);
        CHECK(ending->exit_code == 137);
        CHECK(ending->oom);
    }
    CHECK(is_clean());
}

TEST_CASE_METHOD(DockerFixture, "removing a sandbox whose output nobody reads takes no time")
{
    fill_agent_volume();
    auto launched = run(engine->launch(plan(), "flood 100000000\n"));
    REQUIRE(launched);
    CHECK(run(launched->life->started()));
    CHECK(run(engine->remove(launched->id)));
    CHECK(is_clean());
}

TEST_CASE_METHOD(DockerFixture, "a missing image is named")
{
    sbx::Plan other = plan();
    other.image = "sbx/no-such-image:1";
    const auto launched = run(engine->launch(other, ""));
    REQUIRE_FALSE(launched);
    CHECK(launched.error().code == Errc::image_unavailable);
    CHECK(launched.error().message.find("sbx/no-such-image:1") != std::string::npos);
}

TEST_CASE_METHOD(DockerFixture, "a volume that is not ours is refused")
{
    fill_agent_volume();
    auto other = labels;
    other["sbx.instance"] = "another";
    const auto filled = run(engine->fill_volume(volume, other, {}, base_image, false));
    REQUIRE_FALSE(filled);
    CHECK(filled.error().code == Errc::permission_denied);
}
