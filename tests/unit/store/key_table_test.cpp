#include "core/store/key_table.hpp"

#include "scratch.hpp"

#include <algorithm>
#include <cctype>

using sbx::Errc;
using sbx::KeyRing;
using sbx::KeyTable;
using std::chrono::milliseconds;

TEST_CASE("a new key's secret is 43 letters and digits, seen once; only its digest is stored")
{
    test::ScratchStore scratch;
    KeyTable table(scratch.database);
    const auto made = table.create("ci", {.max_sandboxes = 3}, milliseconds(7));
    REQUIRE(made);
    CHECK(made->secret.size() == 47);
    CHECK(made->secret.starts_with("sbx_"));
    CHECK(std::ranges::all_of(made->secret.substr(4), [](unsigned char c) { return std::isalnum(c) != 0; }));
    CHECK(made->key.id == sbx::to_hex(sbx::digest_of(made->secret)).substr(0, 8));
    const auto all = table.list();
    REQUIRE(all);
    REQUIRE(all->size() == 1);
    CHECK(all->front() == made->key);
    CHECK(all->front().quota.max_sandboxes == 3u);
    CHECK_FALSE(all->front().quota.max_concurrent);
    CHECK(table.create("", {}, milliseconds(8))->secret != made->secret);
    CHECK(table.create("a b", {}, milliseconds(8)).error().code == Errc::invalid_argument);
}

TEST_CASE("a ring finds each of its keys, and nothing else")
{
    test::ScratchStore scratch;
    KeyTable table(scratch.database);
    std::vector<sbx::NewApiKey> made;
    for (int n = 0; n < 20; ++n) made.push_back(*table.create("", {}, milliseconds(n)));
    const KeyRing ring(*table.list());
    for (const sbx::NewApiKey& each : made) {
        const sbx::ApiKey* found = ring.find(each.secret);
        REQUIRE(found != nullptr);
        CHECK(found->id == each.key.id);
        CHECK(ring.find(each.secret + "x") == nullptr);
        CHECK(ring.find(each.secret.substr(1)) == nullptr);
        CHECK(ring.find(sbx::to_hex(each.key.digest)) == nullptr);
    }
    CHECK(ring.find("") == nullptr);
    CHECK(ring.find(std::string(30'000, '\0')) == nullptr);
    CHECK(KeyRing().find(made.front().secret) == nullptr);
}

TEST_CASE("a revoked key opens nothing and stays revoked")
{
    test::ScratchStore scratch;
    KeyTable table(scratch.database);
    const auto one = table.create("one", {}, milliseconds(1));
    const auto two = table.create("two", {}, milliseconds(2));
    REQUIRE(table.revoke(one->key.id, milliseconds(5)));
    CHECK(table.revoke(one->key.id, milliseconds(6))->revoked == milliseconds(5));
    const KeyRing ring(*table.list());
    CHECK(ring.find(one->secret) == nullptr);
    CHECK(ring.find(two->secret) != nullptr);
    CHECK(table.revoke("one", milliseconds(7)).error().code == Errc::not_found);  // by name only those that are left
    CHECK(table.revoke("two", milliseconds(7))->id == two->key.id);
    CHECK(table.revoke("", milliseconds(7)).error().code == Errc::not_found);
    REQUIRE(table.create("same", {}, milliseconds(8)));
    REQUIRE(table.create("same", {}, milliseconds(9)));
    CHECK(table.revoke("same", milliseconds(10)).error().code == Errc::conflict);
}

TEST_CASE("keys are asked for from the first one on, even when all are revoked")
{
    test::ScratchStore scratch;
    KeyTable table(scratch.database);
    CHECK_FALSE(*table.are_required());
    const auto made = table.create("", {}, milliseconds(1));
    CHECK(*table.are_required());
    REQUIRE(table.revoke(made->key.id, milliseconds(2)));
    CHECK(*table.are_required());
}

TEST_CASE("a key's use is noted")
{
    test::ScratchStore scratch;
    KeyTable table(scratch.database);
    const auto made = table.create("", {}, milliseconds(1));
    REQUIRE(table.touch(made->key.id, milliseconds(99)));
    CHECK(table.list()->front().last_used == milliseconds(99));
    CHECK(table.touch("none", milliseconds(99)));
}

TEST_CASE("a snapshot is another one only when somebody else has written")
{
    test::ScratchStore scratch;
    sbx::Database elsewhere = scratch.open(0);
    KeyTable table(scratch.database);
    const auto first = table.snapshot(std::nullopt);
    REQUIRE(first);
    REQUIRE(*first);
    CHECK_FALSE(table.snapshot((*first)->version)->has_value());
    const auto made = KeyTable(elsewhere).create("", {}, milliseconds(1));
    const auto second = table.snapshot((*first)->version);
    REQUIRE(second);
    REQUIRE(second->has_value());
    CHECK((*second)->are_required);
    CHECK((*second)->ring.find(made->secret) != nullptr);
    REQUIRE(table.touch(made->key.id, milliseconds(2)));
    CHECK_FALSE(table.snapshot((*second)->version)->has_value());
}
