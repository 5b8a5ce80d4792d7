#include "core/sandbox/spec_label.hpp"

#include "catch.hpp"

using namespace sbx;

namespace {

Plan plan()
{
    Plan plan;
    plan.image = "sha256:1";
    plan.mounts.push_back({.volume = "sbx-agent-1", .target = "/.sbx", .labels = {}});
    return plan;
}

}  // namespace

TEST_CASE("containers that are made alike have the same hash, whoever's they are")
{
    Plan other = plan();
    other.name = "sbx-2";
    other.labels = {{"sbx.sandbox", "2"}};
    other.agent_arguments = {"1000"};
    other.limits.wall_ms = std::chrono::seconds(1);
    CHECK(spec_hash(other) == spec_hash(plan()));
    CHECK(spec_hash(plan()).size() == 32);
}

TEST_CASE("whatever makes a container another one makes another hash")
{
    const auto change = GENERATE(
        as<void (*)(Plan&)>(), [](Plan& p) { p.image = "sha256:2"; }, [](Plan& p) { p.limits.memory_bytes += 1; },
        [](Plan& p) { p.limits.disk_bytes += 1; }, [](Plan& p) { p.limits.pids += 1; },
        [](Plan& p) { p.limits.millicpus += 1; }, [](Plan& p) { p.network = Network::full; },
        [](Plan& p) { p.one_shot = false; }, [](Plan& p) { p.mounts.front().volume = "sbx-agent-2"; });
    Plan other = plan();
    change(other);
    CHECK(spec_hash(other) != spec_hash(plan()));
}
