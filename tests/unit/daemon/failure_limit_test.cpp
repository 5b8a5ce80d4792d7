#include "catch.hpp"

#include "daemon/access/failure_limit.hpp"

using namespace std::chrono_literals;
using sbx::daemon::FailureLimit;

TEST_CASE("after twenty wrong keys in a minute an address waits a minute, and others do not")
{
    FailureLimit limit;
    const FailureLimit::TimePoint start{};
    for (int i = 0; i < 19; ++i) limit.note("a", start + i * 1s);
    CHECK_FALSE(limit.is_blocked("a", start + 19s));
    limit.note("a", start + 19s);
    CHECK(limit.is_blocked("a", start + 20s));
    CHECK_FALSE(limit.is_blocked("b", start + 20s));
    CHECK_FALSE(limit.is_blocked("a", start + 80s));
}

TEST_CASE("rare mistakes never add up")
{
    FailureLimit limit;
    FailureLimit::TimePoint now{};
    for (int i = 0; i < 100; ++i) {
        limit.note("a", now);
        CHECK_FALSE(limit.is_blocked("a", now));
        now += 10s;
    }
}
