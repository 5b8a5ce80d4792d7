#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace sbx::docker {

using TimePoint = std::chrono::system_clock::time_point;

/// RFC 3339 in UTC as the engine writes it ("2026-01-02T03:04:05.678901234Z"); the epoch for anything else, and for
/// the years before it (the engine's "unknown" is the year 1).
TimePoint parse_time(std::string_view text);

/// Seconds since the epoch; what a clock of nanoseconds can't hold becomes the epoch.
TimePoint from_seconds(std::int64_t seconds);

TimePoint from_nanoseconds(std::int64_t nanoseconds);

/// Seconds since the epoch with nine decimals, as the events call takes them.
std::string unix_seconds(TimePoint time);

}  // namespace sbx::docker
