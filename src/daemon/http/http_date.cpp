#include "daemon/http/http_date.hpp"

#include <fmt/format.h>

#include <array>

namespace sbx::daemon {

std::string_view HttpDate::now()
{
    const std::time_t second = std::time(nullptr);
    if (second != second_) {
        second_ = second;
        text_ = http_date(second);
    }
    return text_;
}

std::string http_date(std::time_t second)
{
    // Not strftime, whose names are those of the locale.
    constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm t{};
    ::gmtime_r(&second, &t);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days.at(static_cast<std::size_t>(t.tm_wday)), t.tm_mday,
                       months.at(static_cast<std::size_t>(t.tm_mon)), t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

}  // namespace sbx::daemon
