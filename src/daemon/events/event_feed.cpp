#include "daemon/events/event_feed.hpp"

#include "core/random.hpp"
#include "core/sandbox/record_json.hpp"
#include "daemon/api/request_json.hpp"

#include <fmt/format.h>

#include <charconv>

namespace sbx::daemon {
namespace {

constexpr std::size_t kept_of_all = 1024;
constexpr std::size_t kept_of_key = 256;
constexpr std::size_t most_readers = 128;
constexpr std::size_t most_readers_of_key = 16;
constexpr std::size_t boot_bytes = 4;

}  // namespace

EventFeed::EventFeed(const asio::any_io_executor& executor) : boot_(random_hex(boot_bytes)), changed_(executor) {}

std::string EventFeed::id_of(std::uint64_t number) const
{
    return fmt::format("{}-{}", boot_, number);
}

void EventFeed::put(Ring& ring, std::size_t most, std::string_view type, std::string_view rest) const
{
    FeedEvent event;
    event.id = id_of(ring.end());
    event.type = type;
    event.data = fmt::format(R"({{"type":"{}","id":"{}",{})", type, event.id, rest);
    ring.events.push_back(std::move(event));
    if (ring.events.size() <= most) return;
    ring.events.pop_front();
    ++ring.first;
}

/// Every execution comes by twice: what both rings have in common is written once.
void EventFeed::publish(std::string_view type, const std::string& owner, const nlohmann::ordered_json& what)
{
    const std::string time = iso_time(std::chrono::system_clock::now());
    const std::string key = owner.empty() ? "" : fmt::format(R"("key":{},)", dump(owner));
    const std::string_view subject = type.substr(0, type.find('.'));
    const std::string rest = fmt::format(R"("time":"{}",{}"{}":{}}})", time, key, subject, dump(what));
    put(all_, kept_of_all, type, rest);
    put(of_key_[owner], kept_of_key, type, rest);
    changed_.notify_all();
}

/// @return 0: it is not an id of this daemon's
std::uint64_t EventFeed::number_after(std::string_view id, const Ring& ring) const
{
    const std::string prefix = boot_ + "-";
    if (!id.starts_with(prefix)) return 0;
    id.remove_prefix(prefix.size());
    std::uint64_t number = 0;
    const auto [rest, failed] = std::from_chars(id.data(), id.data() + id.size(), number);
    const bool is_known = failed == std::errc() && rest == id.data() + id.size() && number < ring.end();
    return is_known ? number + 1 : 0;
}

Result<std::unique_ptr<EventFeed::Reader>> EventFeed::read(Caller caller, std::string_view last_id)
{
    if (readers_.size() >= most_readers)
        return Error(Errc::resource_exhausted, fmt::format("there are {} readers of events already", most_readers));
    if (!caller.is_operator && readers_.count(caller.key) >= most_readers_of_key)
        return Error(Errc::resource_exhausted, fmt::format("you read events {} times already", most_readers_of_key));
    const Ring& ring = caller.is_operator ? all_ : of_key_[caller.key];
    const std::uint64_t next = last_id.empty() ? ring.end() : number_after(last_id, ring);
    return std::make_unique<Reader>(*this, std::move(caller.key), ring, next);
}

asio::awaitable<void> EventFeed::close(std::chrono::milliseconds patience)
{
    closed_ = true;
    changed_.notify_all();
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!readers_.empty() && std::chrono::steady_clock::now() < until) co_await changed_.wait(until);
}

EventFeed::Reader::Reader(EventFeed& feed, std::string key, const Ring& ring, std::uint64_t next)
    : feed_(feed), key_(std::move(key)), ring_(ring), next_(next)
{
    feed_.readers_.insert(key_);
}

EventFeed::Reader::~Reader()
{
    feed_.readers_.erase(feed_.readers_.find(key_));
    feed_.changed_.notify_all();
}

bool EventFeed::Reader::skip_missed()
{
    if (next_ >= ring_.first) return false;
    next_ = ring_.first;
    return true;
}

const FeedEvent* EventFeed::Reader::next()
{
    if (next_ < ring_.first || next_ >= ring_.end()) return nullptr;
    return &ring_.events[next_++ - ring_.first];
}

}  // namespace sbx::daemon
