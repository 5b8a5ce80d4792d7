#include "daemon/log/event_log.hpp"

#include "core/sandbox/record_json.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace sbx::daemon {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_field_bytes = 2048;
constexpr std::size_t most_line_bytes = 4096;  // what a pipe takes whole or not at all
constexpr std::size_t most_a_second = 100;

constexpr std::array names{"info", "warn", "error"};

}  // namespace

std::string log_line(std::chrono::system_clock::time_point time, LogLevel level, std::string_view event,
                     const ordered_json& fields)
{
    ordered_json line;
    line["time"] = iso_time(time);
    line["level"] = names.at(static_cast<std::size_t>(level));
    line["event"] = event;
    const std::size_t frame = line.dump().size();
    std::size_t bytes = frame;
    for (const auto& [name, value] : fields.items()) {
        ordered_json shown = value;
        if (shown.is_string() && shown.get_ref<const std::string&>().size() > most_field_bytes)
            shown = shown.get_ref<const std::string&>().substr(0, most_field_bytes);
        // ASCII alone: neither a terminal nor a log reader takes anything in it for its own.
        bytes += name.size() + shown.dump(-1, ' ', true, ordered_json::error_handler_t::replace).size() + 4;
        if (bytes >= most_line_bytes) break;
        line[name] = std::move(shown);
    }
    return line.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + "\n";
}

bool EventLog::may_write(Second& second, std::int64_t now) const
{
    if (second.at != now) second = Second{.at = now, .written = 0, .dropped = second.dropped};
    return second.written < most_a_second;
}

void EventLog::put(const std::string& line)
{
    pollfd wanted{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    const bool takes_more = ::poll(&wanted, 1, 0) == 1 && (wanted.revents & POLLOUT) != 0;
    if (!takes_more || ::write(descriptor_, line.data(), line.size()) < 0) ++dropped_;
}

void EventLog::write(LogLevel level, std::string_view event, ordered_json fields)
{
    if (descriptor_ < 0 || level < lowest_) return;
    const auto now = std::chrono::system_clock::now();
    const auto second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    Second& its = seconds_[std::string(event)];
    if (!may_write(its, second)) {
        ++its.dropped;
        ++dropped_;
        return;
    }
    ++its.written;
    if (its.dropped > 0) fields["not_logged"] = std::exchange(its.dropped, 0);
    put(log_line(now, level, event, fields));
}

}  // namespace sbx::daemon
