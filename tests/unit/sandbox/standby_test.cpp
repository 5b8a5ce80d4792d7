#include "core/sandbox/standby.hpp"

#include "catch.hpp"
#include "temp_directory.hpp"

#include <fstream>
#include <set>

using namespace std::chrono_literals;
using namespace sbx;

namespace {

Standby standby(const std::string& id, std::chrono::seconds left = 600s)
{
    Standby made;
    made.id = id;
    made.key = "0123";
    made.description = "python";
    made.expires = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now() + left);
    return made;
}

}  // namespace

TEST_CASE("a standby sandbox is had by one, once")
{
    const test::TempDirectory state;
    StandbyStore store(state.path());
    REQUIRE(store.add(standby("a")));
    REQUIRE(store.add(standby("b")));
    CHECK_FALSE(store.claim("4567"));
    std::set<std::string> had;
    while (const auto claimed = store.claim("0123")) had.insert(claimed->id);
    CHECK(had == std::set<std::string>{"a", "b"});
    CHECK(store.list().empty());
    CHECK_FALSE(store.claim(standby("a")));
}

TEST_CASE("standby sandboxes are listed, soonest to end first, and forgotten when they have ended")
{
    const test::TempDirectory state;
    StandbyStore store(state.path());
    const Standby later = standby("later", 900s);
    const Standby sooner = standby("sooner", 300s);
    REQUIRE(store.add(later));
    REQUIRE(store.add(sooner));
    REQUIRE(store.add(standby("ended", -1s)));
    CHECK(store.list() == std::vector<Standby>{sooner, later});
    CHECK(store.list() == std::vector<Standby>{sooner, later});
    CHECK(store.claim("0123")->id == "sooner");
}

TEST_CASE("what is about to end, or is no name of ours, is not claimed")
{
    const test::TempDirectory state;
    StandbyStore store(state.path());
    REQUIRE(store.add(standby("ending", 1s)));
    for (const char* alien : {"banana", "12", "-", "x-y", ".1.tmp"})
        std::ofstream(state.path() / "standby" / "0123" / alien) << "?";
    CHECK_FALSE(store.claim("0123"));
}

TEST_CASE("without a state directory there is never one, and adding says why")
{
    StandbyStore store{std::filesystem::path()};
    CHECK_FALSE(store.claim("0123"));
    CHECK(store.list().empty());
    const auto added = store.add(standby("a"));
    REQUIRE_FALSE(added);
    CHECK(added.error().code == Errc::unavailable);
}

TEST_CASE("the state of standby sandboxes is closed to others")
{
    const test::TempDirectory state;
    StandbyStore store(state.path());
    REQUIRE(store.add(standby("a")));
    namespace fs = std::filesystem;
    CHECK(fs::status(state.path() / "standby").permissions() == fs::perms::owner_all);
}

TEST_CASE("the key is that of everything that is fixed when a sandbox is made")
{
    StandbySpec spec;
    spec.endpoint = "unix:///var/run/docker.sock";
    spec.image = "sha256:1";
    spec.preload = {"python3", "{placeholder}"};
    std::set<std::string> keys{standby_key(spec)};
    const auto other = [&](auto change) {
        StandbySpec changed = spec;
        change(changed);
        return keys.insert(standby_key(changed)).second;
    };
    CHECK(other([](StandbySpec& s) { s.endpoint = "tcp://x"; }));
    CHECK(other([](StandbySpec& s) { s.image = "sha256:2"; }));
    CHECK(other([](StandbySpec& s) { s.agent_volume = "sbx-agent-1"; }));
    CHECK(other([](StandbySpec& s) { s.limits.memory_bytes = 1; }));
    CHECK(other([](StandbySpec& s) { s.limits.disk_bytes = 1; }));
    CHECK(other([](StandbySpec& s) { s.limits.millicpus = 1; }));
    CHECK(other([](StandbySpec& s) { s.limits.pids = 1; }));
    CHECK(other([](StandbySpec& s) { s.network = Network::full; }));
    CHECK(other([](StandbySpec& s) { s.isolation = Isolation::gvisor; }));
    CHECK(other([](StandbySpec& s) { s.preload.clear(); }));
    CHECK_FALSE(other([](StandbySpec& s) { s.limits.wall_ms = 1ms; }));
    CHECK_FALSE(other([](StandbySpec& s) { s.limits.output_bytes.reset(); }));
}
