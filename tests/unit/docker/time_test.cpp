#include "core/docker/time.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;

TEST_CASE("an engine's time is read to its fraction")
{
    const auto time = sbx::docker::parse_time("1970-01-02T00:00:01.5Z");
    CHECK(time.time_since_epoch() == 24h + 1500ms);
    CHECK(sbx::docker::parse_time("yesterday") == sbx::docker::TimePoint());
    CHECK(sbx::docker::parse_time("0001-01-01T00:00:00Z") == sbx::docker::TimePoint());
    CHECK(sbx::docker::parse_time("9999-01-01T00:00:00Z") == sbx::docker::TimePoint());
    CHECK(sbx::docker::parse_time("2026-01-01T99:00:00Z") == sbx::docker::TimePoint());
    CHECK(sbx::docker::from_seconds(-62135596800) == sbx::docker::TimePoint());
    CHECK(sbx::docker::from_seconds(10).time_since_epoch() == 10s);
    CHECK(sbx::docker::parse_time("2026-13-01T00:00:00Z") == sbx::docker::TimePoint());
}

TEST_CASE("a time is written with nine decimals")
{
    CHECK(sbx::docker::unix_seconds(sbx::docker::TimePoint(1500ms)) == "1.500000000");
    CHECK(sbx::docker::unix_seconds(sbx::docker::from_nanoseconds(12'000'000'034)) == "12.000000034");
}
