#include "core/store/tombstones.hpp"

#include "scratch.hpp"

using sbx::Errc;
using sbx::Tombstone;
using sbx::Tombstones;
using std::chrono::milliseconds;

namespace {

Tombstone named(const std::string& id, int ended)
{
    Tombstone tombstone;
    tombstone.id = id;
    tombstone.owner = "0123abcd";
    tombstone.cause = sbx::Cause::oom;
    tombstone.created = milliseconds(1);
    tombstone.ended = milliseconds(ended);
    return tombstone;
}

}  // namespace

TEST_CASE("a tombstone says why a sandbox ended, and the first cause counts")
{
    test::ScratchStore scratch;
    Tombstones tombstones(scratch.database);
    Tombstone first = named("a", 5);
    first.name = "demo";
    first.labels = {{"k", "v"}, {"é", ""}};
    REQUIRE(tombstones.add(first));
    Tombstone second = first;
    second.cause = sbx::Cause::lost;
    REQUIRE(tombstones.add(second));
    CHECK(*tombstones.find("a", "0123abcd") == first);
    CHECK(*tombstones.find("a", std::nullopt) == first);
    CHECK(tombstones.find("a", "other").error().code == Errc::not_found);
    CHECK(tombstones.find("b", std::nullopt).error().code == Errc::not_found);
}

TEST_CASE("labels that are no text do no harm")
{
    test::ScratchStore scratch;
    Tombstones tombstones(scratch.database);
    Tombstone tombstone = named("a", 5);
    tombstone.labels = {{"k", "\xff"}};
    REQUIRE(tombstones.add(tombstone));
    CHECK(tombstones.find("a", std::nullopt)->labels.at("k") == "\xef\xbf\xbd");
}

TEST_CASE("tombstones are listed by their end, and forgotten by age and number")
{
    test::ScratchStore scratch;
    Tombstones tombstones(scratch.database);
    for (int n = 1; n <= 9; ++n) REQUIRE(tombstones.add(named(std::to_string(n), n)));
    Tombstone other = named("other", 100);
    other.owner = "";
    REQUIRE(tombstones.add(other));
    const auto latest = tombstones.list("0123abcd", 2);
    REQUIRE(latest);
    REQUIRE(latest->size() == 2);
    CHECK(latest->front().id == "9");
    CHECK(tombstones.list(std::nullopt, 100)->size() == 10);
    CHECK(*tombstones.prune(milliseconds(4), 100) == 3);
    CHECK(*tombstones.prune(milliseconds(0), 2) == 5);
    CHECK(tombstones.list(std::nullopt, 100)->size() == 2);
}
