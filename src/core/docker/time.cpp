#include "core/docker/time.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace sbx::docker {

TimePoint parse_time(std::string_view text)
{
    using namespace std::chrono;
    int year_number = 0;
    unsigned month_number = 0;
    unsigned day_number = 0;
    int hour = 0;
    int minute = 0;
    double second = 0;
    const std::string copy(text);
    // NOLINTNEXTLINE(bugprone-unchecked-string-to-number-conversion,cert-err34-c)
    if (std::sscanf(copy.c_str(), "%d-%u-%uT%d:%d:%lf", &year_number, &month_number, &day_number, &hour, &minute,
                    &second) != 6)
        return {};
    const year_month_day date{year(year_number), month(month_number), day(day_number)};
    const bool in_a_day = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 61;
    if (!date.ok() || !in_a_day) return {};
    const auto of_day = hours(hour) + minutes(minute);
    const auto whole = duration_cast<seconds>(sys_days(date).time_since_epoch() + of_day);
    return from_seconds(whole.count()) + duration_cast<system_clock::duration>(duration<double>(second));
}

TimePoint from_seconds(std::int64_t seconds)
{
    constexpr std::int64_t far_future = 1LL << 33;
    if (seconds < 0 || seconds > far_future) return {};
    return TimePoint(std::chrono::seconds(seconds));
}

TimePoint from_nanoseconds(std::int64_t nanoseconds)
{
    using namespace std::chrono;
    return TimePoint(duration_cast<system_clock::duration>(std::chrono::nanoseconds(nanoseconds)));
}

std::string unix_seconds(TimePoint time)
{
    const auto since_epoch = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
    constexpr std::int64_t second = 1'000'000'000;
    return fmt::format("{}.{:09}", since_epoch / second, since_epoch % second);
}

}  // namespace sbx::docker
