#include "daemon/dialects/native/native.hpp"
#include "daemon/executions/attend.hpp"
#include "daemon/executions/event_stream.hpp"

namespace sbx::daemon::native {
namespace {

using nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr auto silence = 15s;  // proxies close a connection that says nothing for a minute

/// What happens to executions and sandboxes, as it happens.
class EventRoutes {
   public:
    explicit EventRoutes(Services& services) : feed_(services.events) {}

    asio::awaitable<void> tell(Call& call) const;

   private:
    asio::awaitable<void> tell_all(EventFeed::Reader& reader, EventStream& events, const bool& gone) const;

    EventFeed& feed_;
    NativeErrors errors_;
};

asio::awaitable<Result<void>> tell_event(const FeedEvent& event, EventStream& events)
{
    const FeedEvent own = event;  // the feed may have dropped it before all of it is written
    co_return co_await events.tell(own.type, own.id, own.data);
}

/// What needs no event to have happened: where the stream begins, and what it lacks.
asio::awaitable<Result<void>> tell_place(std::string type, const EventFeed::Reader& reader, EventStream& events)
{
    const std::string id = reader.last_id();
    const ordered_json data{{"type", type}, {"id", id}};
    const std::string text = data.dump();
    co_return co_await events.tell(type, id, text);
}

asio::awaitable<void> EventRoutes::tell_all(EventFeed::Reader& reader, EventStream& events, const bool& gone) const
{
    Result<void> told = co_await tell_place("start", reader, events);
    auto quiet_until = std::chrono::steady_clock::now() + silence;
    while (told && !gone) {
        const bool has_missed = reader.skip_missed();
        const FeedEvent* const event = has_missed ? nullptr : reader.next();
        if (has_missed) {
            told = co_await tell_place("missed", reader, events);
        } else if (event != nullptr) {
            told = co_await tell_event(*event, events);
        } else if (feed_.is_closed()) {
            break;
        } else if (std::chrono::steady_clock::now() < quiet_until) {
            co_await feed_.changed().wait(quiet_until);
            continue;
        } else {
            told = co_await events.keep_alive();
        }
        quiet_until = std::chrono::steady_clock::now() + silence;
    }
}

asio::awaitable<void> EventRoutes::tell(Call& call) const
{
    const RequestHead& head = call.exchange.head();
    const auto reader = feed_.read(call.caller, head.fields["Last-Event-ID"]);
    if (!reader) {
        Response refused = errors_.answer(reader.error(), head.id);
        co_await call.exchange.respond(std::move(refused));
        co_return;
    }
    EventStream events(call.exchange, wanted_events(head).value_or(EventForm::sse));
    bool gone = false;
    std::function<void()> stop = [&] {
        gone = true;
        feed_.changed().notify_all();
    };
    co_await attend(call.exchange, tell_all(**reader, events, gone), std::move(stop));
    std::vector<ordered_json> last;
    last.push_back({{"type", "end"}, {"reason", "stopping"}});
    co_await events.finish(std::move(last));
}

}  // namespace

void add_event_routes(Routes& routes, Services& services)
{
    const auto subject = std::make_shared<EventRoutes>(services);
    routes.add_raw<Nothing>(
        http::verb::get, "/v1/events",
        {.summary = "Tell of what happens to executions and sandboxes",
         .tag = "events",
         .description =
             "`start`, then an object for each: `execution.started`, `execution.ended`, "
             "`sandbox.created`, `sandbox.paused`, `sandbox.resumed`, `sandbox.ended`; the operator is told of "
             "everybody's. The last 256 of a key are kept (1,024 for the operator): whoever comes back with "
             "Last-Event-ID is told what he missed, or "
             "`missed` where some are gone; the lists have the present state then. `end` when the daemon stops. With "
             "`Accept: application/x-ndjson` an object a line, and empty lines between.",
         .errors = {Errc::resource_exhausted},
         .produces = "text/event-stream",
         .headers = {{"Last-Event-ID", "The id of the last event that was told"}}},
        [subject](Call& call, Nothing /*request*/) { return subject->tell(call); });
}

}  // namespace sbx::daemon::native
