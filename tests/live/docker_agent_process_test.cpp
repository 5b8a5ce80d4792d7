#include "core/docker/agent_process.hpp"
#include "docker_fixture.hpp"

#include <filesystem>

using sbx::docker::AgentProcess;
using test::DockerFixture;

namespace {

std::optional<AgentProcess> agent_of(const std::string& container)
{
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        if (auto agent = AgentProcess::find(container, std::stoi(name))) return agent;
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE_METHOD(DockerFixture, "an agent's socket is reached past the engine, and no descriptor comes through it")
{
    fill_agent_volume();
    auto launched = run(engine->launch(plan(), "offer\n"));
    REQUIRE(launched);
    CHECK(read_until(*launched->channel, 10) == "listening ");
    const auto agent = agent_of(launched->id);
    REQUIRE(agent);
    const auto socket = agent->connect(context.get_executor());
    REQUIRE(socket);
    CHECK(read_until(*launched->channel, 7) == "refused");
}

TEST_CASE_METHOD(DockerFixture, "an agent that does not listen yet is told from one that cannot be reached")
{
    fill_agent_volume();
    auto launched = run(engine->launch(plan(), "echo\nhello"));
    REQUIRE(launched);
    CHECK(read_until(*launched->channel, 5) == "hello");
    const auto agent = agent_of(launched->id);
    REQUIRE(agent);
    CHECK(agent->connect(context.get_executor()).error().code == sbx::Errc::unavailable);
    launched->channel->close();
    REQUIRE(run(launched->life->ended()));
    CHECK(agent->connect(context.get_executor()).error().code == sbx::Errc::permission_denied);
}

TEST_CASE("a process of another container, or of none, is not taken for an agent")
{
    const std::string id(64, 'a');
    CHECK_FALSE(AgentProcess::find(id, ::getpid()));
    CHECK_FALSE(AgentProcess::find("", ::getpid()));
    CHECK_FALSE(AgentProcess::find(id, 0));
}
