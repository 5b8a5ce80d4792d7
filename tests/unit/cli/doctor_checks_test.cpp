#include "cli/doctor_checks.hpp"
#include "catch.hpp"
#include "temp_directory.hpp"

#include <algorithm>
#include <fstream>

using namespace std::chrono_literals;
using sbx::cli::Check;
using sbx::cli::EngineFacts;
namespace fs = std::filesystem;

namespace {

EngineFacts good_facts()
{
    EngineFacts facts;
    facts.info.name = "docker";
    facts.info.version = "20.10.24";
    facts.info.architecture = "amd64";
    facts.info.seccomp = true;
    facts.our_time = std::chrono::system_clock::time_point(1'800'000'000s);
    facts.info.time = facts.our_time + 2s;
    facts.agent_hash = "abc";
    facts.images = {{"python", "sbx/python:1"}};
    return facts;
}

Check named(const std::vector<Check>& checks, std::string_view name)
{
    const auto found = std::ranges::find(checks, name, &Check::name);
    REQUIRE(found != checks.end());
    return *found;
}

fs::path make_program(const fs::path& path)
{
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "#!/bin/sh\n";
    fs::permissions(path, fs::perms::owner_all);
    return path;
}

}  // namespace

TEST_CASE("one usable image and a sound engine are enough for a run")
{
    const auto checks = sbx::cli::engine_checks(good_facts());
    CHECK(sbx::cli::all_required_ok(checks));
    CHECK(named(checks, "image of python").ok);
    CHECK_FALSE(named(checks, "image of bash").ok);
    CHECK(named(checks, "image of bash").mend == "sbx image build bash");
    CHECK(named(checks, "agent volume").ok);
}

TEST_CASE("what makes a run impossible fails the whole")
{
    EngineFacts facts = good_facts();
    SECTION("no system call filter")
    {
        facts.info.seccomp = false;
    }
    SECTION("no image")
    {
        facts.images.clear();
    }
    SECTION("no agent")
    {
        facts.agent_hash.clear();
    }
    SECTION("another's volume")
    {
        facts.agent_volume = sbx::VolumeInfo{.name = "sbx-agent-abc"};
    }
    CHECK_FALSE(sbx::cli::all_required_ok(sbx::cli::engine_checks(facts)));
}

TEST_CASE("clocks that are far apart are shown but stop no run")
{
    EngineFacts facts = good_facts();
    facts.info.time = facts.our_time - 90s;
    const auto checks = sbx::cli::engine_checks(facts);
    CHECK_FALSE(named(checks, "clock").ok);
    CHECK(named(checks, "clock").detail == "90 s from the engine's");
    CHECK(sbx::cli::all_required_ok(checks));
}

TEST_CASE("the first program of that name on PATH wins")
{
    const test::TempDirectory temp;
    const fs::path ours = make_program(temp.path() / "ours" / "sbx");
    const fs::path other = make_program(temp.path() / "other" / "sbx");
    fs::create_directories(temp.path() / "empty" / "sbx");
    const std::string both = (temp.path() / "empty").string() + ":" + ours.parent_path().string();

    CHECK(sbx::cli::path_check("sbx", ours, both).ok);
    CHECK(sbx::cli::path_check("sbx", ours, (temp.path() / "empty").string()).ok);
    const Check shadowed = sbx::cli::path_check("sbx", ours, other.parent_path().string() + ":" + both);
    CHECK_FALSE(shadowed.ok);
    CHECK(shadowed.detail == other.string() + " is another program");
}

TEST_CASE("an engine that does not answer says why and what to do")
{
    const Check check = sbx::cli::unreachable(sbx::Error(sbx::Errc::unavailable, "no socket", "start Docker"));
    CHECK_FALSE(check.ok);
    CHECK(check.required);
    CHECK(check.detail == "no socket");
    CHECK(check.mend == "start Docker");
}
