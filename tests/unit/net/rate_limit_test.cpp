#include "core/net/rate_limit.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;
using sbx::RateLimit;

TEST_CASE("over a while no more passes than is allowed")
{
    RateLimit limit(1'000'000, 100ms);
    const RateLimit::TimePoint start(1h);
    RateLimit::TimePoint now = start;
    std::uint64_t passed = 0;
    while (now < start + 10s) {
        passed += 50'000;
        now = std::max(now, limit.take(50'000, now));
    }
    CHECK(passed >= 10'000'000);
    CHECK(passed <= 10'200'000);
}

TEST_CASE("after a pause a burst passes at once, and no more than that")
{
    RateLimit limit(1'000'000, 100ms);
    const RateLimit::TimePoint now(1h);
    CHECK(limit.take(100'000, now) <= now);
    CHECK(limit.take(100'000, now) == now + 100ms);
}
