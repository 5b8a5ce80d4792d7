#include "core/sandbox/change_json.hpp"
#include "core/sandbox/directory_watch.hpp"
#include "daemon/dialects/native/native.hpp"
#include "daemon/executions/event_stream.hpp"
#include "daemon/executions/execution_json.hpp"
#include "daemon/sandboxes/attended_talk.hpp"

#include <array>

namespace sbx::daemon::native {
using nlohmann::ordered_json;

struct WatchRequest {
    std::string id;
    std::string path = "/work";
    bool recursive = false;
};
BOOST_DESCRIBE_STRUCT(WatchRequest, (), (id, path, recursive))

constexpr auto fields_of(const WatchRequest* /*type*/)
{
    return std::to_array<Field>({
        {.name = "path", .description = "A directory, absolute or below /work"},
        {.name = "recursive", .description = "Also what happens in those below it"},
    });
}

namespace {

/// What changes in directories of sandboxes, over HTTP.
class WatchRoutes {
   public:
    explicit WatchRoutes(Services& services) : services_(services) {}

    asio::awaitable<void> watch(Call& call, WatchRequest request) const;

   private:
    Services& services_;
    NativeErrors errors_;
};

/// Tells of changes until the directory is gone, or the client.
asio::awaitable<Result<void>> tell_changes(AgentLink& link, EventStream& events, std::string path, bool recursive)
{
    DirectoryWatch watch(link, path, recursive);
    const Result<void> begun = co_await watch.begin();
    if (!begun) co_return begun;
    ordered_json start{{"type", "start"}, {"path", path}};
    Result<void> told = co_await events.tell(std::move(start));
    while (told) {
        const Result<std::optional<wire::Changed>> change = co_await watch.next();
        if (!change) co_return change.error();
        if (!*change) break;
        ordered_json event = change_json(**change);
        told = co_await events.tell(std::move(event));
    }
    co_return told;
}

asio::awaitable<void> WatchRoutes::watch(Call& call, WatchRequest request) const
{
    const auto living = services_.sandboxes.find(request.id, call.caller);
    std::optional<Result<void>> outcome;
    EventStream events(call.exchange, wanted_events(call.exchange.head()).value_or(EventForm::sse));
    if (living) {
        const std::string path = request.path.starts_with('/') ? request.path : "/work/" + request.path;
        std::function<asio::awaitable<Result<void>>(AgentLink&)> work = [&](AgentLink& link) {
            return tell_changes(link, events, path, request.recursive);
        };
        outcome.emplace(co_await talk_attended<void>(call.exchange, *living, std::move(work)));
    } else {
        outcome.emplace(living.error());
    }
    if (!*outcome && !events.has_begun()) {
        Response refused = errors_.answer(outcome->error(), call.exchange.head().id);
        co_await call.exchange.respond(std::move(refused));
        co_return;
    }
    ordered_json end{{"type", "end"}, {"reason", "gone"}};
    if (!*outcome) {
        end["reason"] = "failed";
        end.update(failure_json(outcome->error()));
    }
    std::vector<ordered_json> last;
    last.push_back(std::move(end));
    co_await events.finish(std::move(last));
}

}  // namespace

void add_watch_routes(Routes& routes, Services& services)
{
    const auto subject = std::make_shared<WatchRoutes>(services);
    routes.add_raw<WatchRequest>(
        http::verb::get, "/v1/sandboxes/{id}/files/watch",
        {.summary = "Tell of what changes in a directory",
         .tag = "files",
         .description = "`start` once nothing is missed any more, then a `change` for each: `created`, `written`, "
                        "`removed`, `renamed`, `attributes`, or `overflow` where some were lost. `end` when the "
                        "directory is gone. With `Accept: application/x-ndjson` an object a line.",
         .errors = {Errc::not_found, Errc::conflict, Errc::permission_denied, Errc::too_large},
         .produces = "text/event-stream"},
        [subject](Call& call, WatchRequest request) { return subject->watch(call, std::move(request)); });
}

}  // namespace sbx::daemon::native
