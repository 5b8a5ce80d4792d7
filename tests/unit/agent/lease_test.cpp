#include "agent/lease.hpp"
#include "catch.hpp"

using namespace std::chrono_literals;
using sbx::agent::Lease;

namespace {

const sbx::agent::TimePoint start{};

/// Ticks every half a second. @return whether the lease has ended by then
bool runs_out(Lease& lease, std::chrono::milliseconds from, std::chrono::milliseconds to)
{
    for (auto at = from; at <= to; at += 500ms)
        if (lease.tick(start + at)) return true;
    return false;
}

}  // namespace

TEST_CASE("a lease ends when its time is over, not before")
{
    Lease lease(start, 3s);
    CHECK_FALSE(runs_out(lease, 0ms, 2'900ms));
    CHECK(lease.tick(start + 3s));
}

TEST_CASE("a renewal counts from its own moment")
{
    Lease lease(start, 3s);
    CHECK_FALSE(runs_out(lease, 0ms, 2s));
    lease.renew(start + 2s, 5s);
    CHECK_FALSE(runs_out(lease, 2s, 6'900ms));
    CHECK(lease.tick(start + 7s));
}

TEST_CASE("after a gap in its own ticks the agent allows ten seconds more")
{
    Lease lease(start, 3s);
    CHECK_FALSE(lease.tick(start + 1s));
    CHECK_FALSE(lease.tick(start + 60s));
    CHECK_FALSE(runs_out(lease, 60s, 69'900ms));
    CHECK(lease.tick(start + 70s));
}

TEST_CASE("a gap shortens no lease")
{
    Lease lease(start, 100s);
    CHECK_FALSE(lease.tick(start + 60s));
    CHECK_FALSE(runs_out(lease, 60s, 99s));
    CHECK(lease.tick(start + 100s));
}

TEST_CASE("an endless lease does not overflow")
{
    Lease lease(start, 3s);
    lease.renew(start, std::chrono::milliseconds::max());
    CHECK_FALSE(lease.tick(start + 1h));
    CHECK(lease.next_tick() == start + 1h + 1s);
}
