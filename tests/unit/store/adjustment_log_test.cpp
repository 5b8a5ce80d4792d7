#include "core/store/adjustment_log.hpp"

#include "scratch.hpp"

#include <fmt/format.h>

using namespace std::chrono_literals;
using sbx::AdjustmentLog;
using sbx::AdjustmentState;
using sbx::Errc;
using sbx::PendingAdjustment;
using sbx::StoredAdjustment;

namespace {

StoredAdjustment numbered(int n)
{
    StoredAdjustment adjustment;
    adjustment.id = fmt::format("{:08}", n);
    adjustment.owner = "0123abcd";
    adjustment.processor = fmt::format("processor-{}", n % 2);
    adjustment.created = std::chrono::milliseconds(n);
    adjustment.body = R"({"x":1})";
    return adjustment;
}

StoredAdjustment ended(int n)
{
    StoredAdjustment adjustment = numbered(n);
    adjustment.state = AdjustmentState::delivered;
    adjustment.attempts = 2;
    adjustment.backend_status = 200;
    adjustment.ended = std::chrono::milliseconds(1000 + n);
    return adjustment;
}

}  // namespace

TEST_CASE("an adjustment is found by who asked for it, and by whoever sees all")
{
    test::ScratchStore store;
    AdjustmentLog log(store.database);
    const StoredAdjustment adjustment = numbered(1);
    REQUIRE(log.insert(adjustment, 10));
    CHECK(*log.find(adjustment.id, adjustment.owner) == adjustment);
    CHECK(*log.find(adjustment.id, std::nullopt) == adjustment);
    CHECK(log.find(adjustment.id, "another").error().code == Errc::not_found);
    CHECK(log.find("00000002", std::nullopt).error().code == Errc::not_found);
    CHECK(log.insert(adjustment, 10).error().code == Errc::conflict);
}

TEST_CASE("what became of an attempt is written down; the body stays until the end")
{
    test::ScratchStore store;
    AdjustmentLog log(store.database);
    StoredAdjustment adjustment = numbered(1);
    REQUIRE(log.insert(adjustment, 10));
    adjustment.attempts = 3;
    adjustment.last_error = "Connection refused";
    adjustment.backend_status = 503;
    REQUIRE(log.update(adjustment));
    CHECK(*log.find(adjustment.id, std::nullopt) == adjustment);
    adjustment = ended(1);
    REQUIRE(log.update(adjustment));
    adjustment.body.clear();
    CHECK(*log.find(adjustment.id, std::nullopt) == adjustment);
    CHECK(log.update(numbered(2)).error().code == Errc::not_found);
}

TEST_CASE("those that are pending come in their order")
{
    test::ScratchStore store;
    AdjustmentLog log(store.database);
    for (const int n : {5, 3, 4, 1}) REQUIRE(log.insert(numbered(n), 10));
    REQUIRE(log.update(ended(3)));
    CHECK(*log.pending() == std::vector<PendingAdjustment>{
                                {"00000005", "processor-1"}, {"00000004", "processor-0"}, {"00000001", "processor-1"}});
}

TEST_CASE("no more are kept than may be pending")
{
    test::ScratchStore store;
    AdjustmentLog log(store.database);
    REQUIRE(log.insert(numbered(1), 2));
    REQUIRE(log.insert(numbered(2), 2));
    CHECK(log.insert(numbered(3), 2).error().code == Errc::resource_exhausted);
    REQUIRE(log.update(ended(1)));
    CHECK(log.insert(numbered(3), 2));
}

TEST_CASE("what has ended is forgotten, what is pending never")
{
    test::ScratchStore store;
    AdjustmentLog log(store.database);
    for (int n = 1; n <= 5; ++n) REQUIRE(log.insert(numbered(n), 10));
    for (int n = 1; n <= 4; ++n) REQUIRE(log.update(ended(n)));
    CHECK(*log.prune(1002ms, 2) == 2);  // the first by its age, the second as two are enough
    CHECK_FALSE(log.find("00000001", std::nullopt));
    CHECK_FALSE(log.find("00000002", std::nullopt));
    CHECK(*log.prune(10s, 0) == 2);
    CHECK(log.find("00000005", std::nullopt));
}
