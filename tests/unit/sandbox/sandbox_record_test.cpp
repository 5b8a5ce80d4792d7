#include "core/sandbox/sandbox_record.hpp"

#include "catch.hpp"
#include "temp_directory.hpp"

#include <sys/stat.h>

#include <fstream>

using sbx::Errc;
using sbx::SandboxRecord;
using sbx::SandboxStore;

namespace {

SandboxRecord named(const std::string& name)
{
    SandboxRecord record;
    record.name = name;
    record.created = sbx::record_time();
    return record;
}

}  // namespace

TEST_CASE("a record is read as it was written, and nobody else can read it")
{
    const test::TempDirectory state;
    const SandboxStore store(state.path());
    SandboxRecord record = named("demo");
    record.token = "secret";
    record.environment = {{"A", "1"}, {"B", ""}};
    record.labels = {{"k", "v"}};
    record.idle = std::chrono::seconds(3);
    record.limits.pids = 7;
    const auto added = store.add(record);
    REQUIRE(added);
    CHECK(added->id.size() == 20);
    record.id = added->id;
    CHECK(store.read(record.id) == record);
    record.cause = sbx::Cause::oom;
    REQUIRE(store.write(record));
    CHECK(store.read(record.id) == record);
    struct stat status {};
    REQUIRE(::stat((store.directory_of(record.id) / "record.json").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    REQUIRE(::stat(store.directory_of(record.id).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("a sandbox is found by its id, its name and an unambiguous beginning")
{
    const test::TempDirectory state;
    const SandboxStore store(state.path());
    const auto one = store.add(named("one"));
    const auto two = store.add(named(""));
    REQUIRE(one);
    REQUIRE(two);
    CHECK(store.find(one->id)->id == one->id);
    CHECK(store.find("one")->id == one->id);
    CHECK(store.find(two->id.substr(0, 15))->id == two->id);
    CHECK(store.find("").error().code == Errc::not_found);
    CHECK(store.find("banana").error().code == Errc::not_found);
    CHECK(store.find("../" + one->id).error().code == Errc::not_found);
    std::filesystem::create_directory(store.directory_of(one->id.substr(0, 19) + "!"));
    CHECK(store.list().size() == 2);
}

TEST_CASE("of several ids with the same beginning none is meant")
{
    const test::TempDirectory state;
    const SandboxStore store(state.path());
    for (int i = 0; i < 37; ++i) REQUIRE(store.add(named("")));
    int ambiguous = 0;
    for (const char letter : std::string("abcdefghijklmnopqrstuvwxyz0123456789")) {
        const auto found = store.find(std::string(1, letter));
        if (!found && found.error().code == Errc::conflict) ++ambiguous;
    }
    CHECK(ambiguous > 0);
}

TEST_CASE("a living sandbox's name is its own, an ended one's can be used again")
{
    const test::TempDirectory state;
    const SandboxStore store(state.path());
    auto first = store.add(named("demo"));
    REQUIRE(first);
    CHECK(store.add(named("demo")).error().code == Errc::conflict);
    first->cause = sbx::Cause::ttl;
    first->ended = sbx::record_time();
    REQUIRE(store.write(*first));
    const auto second = store.add(named("demo"));
    REQUIRE(second);
    CHECK(store.find("demo")->id == second->id);
    store.forget(*second);
    CHECK(store.find("demo")->id == first->id);
}

TEST_CASE("of those that ended the last hundred are remembered, for a day")
{
    const test::TempDirectory state;
    const SandboxStore store(state.path());
    std::vector<SandboxRecord> ended;
    for (int i = 0; i < 103; ++i) {
        SandboxRecord record = *store.add(named(""));
        record.cause = sbx::Cause::killed;
        record.ended = sbx::record_time() - std::chrono::seconds(i);
        if (i == 1) record.ended -= std::chrono::hours(24);
        REQUIRE(store.write(record));
        ended.push_back(record);
    }
    const SandboxRecord living = *store.add(named("demo"));
    CHECK(store.list().size() == 101);
    CHECK(store.read(living.id));
    CHECK(store.read(ended.front().id));
    CHECK_FALSE(store.read(ended.at(1).id));
    CHECK(store.read(ended.at(100).id));
    CHECK_FALSE(store.read(ended.at(101).id));
}

TEST_CASE("names that could be mistaken for something else are refused")
{
    const auto name = GENERATE("a b", "a/b", "..\n", "é", "x:y");
    const test::TempDirectory state;
    CHECK(SandboxStore(state.path()).add(named(name)).error().code == Errc::invalid_argument);
    CHECK_FALSE(sbx::is_sandbox_name(std::string(65, 'a')));
    CHECK_FALSE(sbx::is_sandbox_name(""));
}

TEST_CASE("what is no record is passed over")
{
    const test::TempDirectory state;
    const SandboxStore store(state.path());
    const auto one = store.add(named("one"));
    REQUIRE(one);
    std::ofstream(store.directory_of(one->id) / "record.json") << "{\"id\": 3}";
    CHECK(store.list().empty());
    CHECK(SandboxStore("").list().empty());
    CHECK(SandboxStore("").add(named("")).error().code == Errc::unavailable);
}
