#include "core/sandbox/detached.hpp"
#include "core/sandbox/program_session.hpp"
#include "core/sandbox/session_run.hpp"
#include "daemon/api/request_json.hpp"
#include "daemon/dialects/native/native.hpp"
#include "daemon/dialects/native/sandbox_request.hpp"
#include "daemon/dialects/native/start_place.hpp"
#include "daemon/dialects/native/times.hpp"
#include "daemon/executions/event_stream.hpp"
#include "daemon/executions/execution_json.hpp"
#include "daemon/sandboxes/attended_talk.hpp"
#include "daemon/sandboxes/session_request.hpp"

#include <array>

namespace sbx::daemon::native {
using nlohmann::ordered_json;

// Types that requests and answers are made of: they have names for templates of other files.

struct RunProcess {
    std::string id;
    std::vector<std::string> argv;
    Content stdin;
    std::map<std::string, std::string> env;
    std::optional<std::string> cwd;
    std::optional<std::chrono::milliseconds> timeout_ms;
    bool detach = false;
};
BOOST_DESCRIBE_STRUCT(RunProcess, (), (id, argv, stdin, env, cwd, timeout_ms, detach))

constexpr auto fields_of(const RunProcess* /*type*/)
{
    return std::to_array<Field>({
        {.name = "argv",
         .description = "The command and its arguments; no shell sees them",
         .required = true,
         .max_length = 1000,
         .example = R"(["ls", "-l", "/work"])"},
        {.name = "stdin", .description = "What it reads"},
        {.name = "env", .description = "Variables beside those of the sandbox"},
        {.name = "cwd", .description = "Where it starts, below /work or /tmp"},
        {.name = "timeout_ms", .description = "Instead of the sandbox's wall_ms", .minimum = 1},
        {.name = "detach", .description = "Answer at once, with 202 and its number; it has no stdin then"},
    });
}

struct OutputRequest {
    std::string id;
    std::uint64_t process = 0;
    bool follow = false;
};
BOOST_DESCRIBE_STRUCT(OutputRequest, (), (id, process, follow))

constexpr auto fields_of(const OutputRequest* /*type*/)
{
    return std::to_array<Field>({
        {.name = "follow", .description = "Also what it writes from now on, until it ends"},
    });
}

/// A program in the background.
struct ProcessView {
    std::uint64_t process = 0;
    std::vector<std::string> argv;
    bool running = true;
    std::optional<int> exit_code;
    std::optional<std::string> started;
};
BOOST_DESCRIBE_STRUCT(ProcessView, (), (process, argv, running, exit_code, started))

struct BackgroundList {
    std::vector<ProcessView> processes;
};
BOOST_DESCRIBE_STRUCT(BackgroundList, (), (processes))

namespace {

constexpr int signal_base = 128;

ProcessView view_of(const wire::ProcessInfo& info)
{
    ProcessView view;
    view.process = info.process;
    view.argv = info.argv;
    view.running = info.running;
    if (!info.running)
        view.exit_code =
            info.exit.signal != 0 ? signal_base + static_cast<int>(info.exit.signal) : static_cast<int>(info.exit.code);
    view.started = time_text(std::chrono::milliseconds(info.start_ms));
    return view;
}

/// Programs of sandboxes over HTTP.
class ProcessRoutes {
   public:
    explicit ProcessRoutes(Services& services) : services_(services) {}

    asio::awaitable<void> run(Call& call, RunProcess request) const;
    asio::awaitable<Result<BackgroundList>> list(Call& call, SandboxRequest request) const;
    asio::awaitable<void> output(Call& call, OutputRequest request) const;

   private:
    asio::awaitable<void> refuse(Call& call, Error error) const;
    asio::awaitable<void> start(Call& call, std::shared_ptr<Living> living, const RunRequest& wanted) const;
    Result<RunRequest> wanted_run(const RunProcess& request, const Living& living, const Caller& caller) const;

    Services& services_;
    NativeErrors errors_;
};

asio::awaitable<void> ProcessRoutes::refuse(Call& call, Error error) const
{
    Response refused = errors_.answer(error, call.exchange.head().id);
    co_await call.exchange.respond(std::move(refused));
}

Result<RunRequest> ProcessRoutes::wanted_run(const RunProcess& request, const Living& living,
                                             const Caller& caller) const
{
    if (request.argv.empty() || request.argv.front().empty())
        return Error(Errc::invalid_argument, "argv: there is no command", R"({"argv": ["ls"]})");
    Result<RunRequest> wanted = session_request(living.now(), request.env, request.timeout_ms, caller);
    if (!wanted) return wanted;
    wanted->command = request.argv;
    if (!request.cwd) return wanted;
    auto place = start_place(*request.cwd);
    if (!place) return place.error();
    wanted->directory = std::move(*place);
    return wanted;
}

asio::awaitable<void> ProcessRoutes::run(Call& call, RunProcess request) const
{
    const auto living = services_.sandboxes.find(request.id, call.caller);
    Result<RunRequest> wanted = Error(Errc::internal, "");
    if (living) wanted = wanted_run(request, **living, call.caller);
    if (!living || !wanted) {
        const Error failure = living ? wanted.error() : living.error();
        co_await refuse(call, failure);
        co_return;
    }
    if (request.detach) {
        co_await start(call, *living, *wanted);
        co_return;
    }
    Result<std::unique_ptr<Channel>> channel = Sandboxes::connect(**living);
    if (!channel) {
        co_await refuse(call, channel.error());
        co_return;
    }
    std::optional<EventStream> events;
    if (const auto form = wanted_events(call.exchange.head())) events.emplace(call.exchange, *form);
    EventStream* const reader = events ? &*events : nullptr;
    TaskIo io(std::move(request.stdin.bytes), reader);
    const std::string execution = wanted->execution_id;
    const std::string image = wanted->image_name;
    SessionRun run(co_await asio::this_coro::executor, io, services_.sandboxes.store(), (*living)->now(),
                   std::move(*wanted));
    Result<RunResult> result = co_await tell_during(call.exchange, reader, run, run.execute(std::move(*channel)));
    services_.metrics.count_execution(ExecutionKind::process, "", result);
    if (!result && (!events || !events->has_begun())) {
        co_await refuse(call, result.error());
        co_return;
    }
    if (result) {
        result->execution.execution_id = execution;
        result->execution.image = image;
    }
    ordered_json record = result ? json_of(*result) : failure_json(result.error());
    if (!events) {
        Response response(200, dump(record));
        co_await call.exchange.respond(std::move(response));
        co_return;
    }
    record["type"] = "end";
    std::vector<ordered_json> last;
    last.push_back(std::move(record));
    co_await events->finish(std::move(last));
}

asio::awaitable<void> ProcessRoutes::start(Call& call, std::shared_ptr<Living> living, const RunRequest& wanted) const
{
    wire::Spawn spawn = spawn_of(wanted, wanted.command);
    spawn.input = false;
    std::function<asio::awaitable<Result<std::uint64_t>>(AgentLink&)> work = [&](AgentLink& link) {
        return start_detached(link, spawn);
    };
    const Result<std::uint64_t> process = co_await Sandboxes::talk<std::uint64_t>(living, std::move(work));
    if (!process) {
        co_await refuse(call, process.error());
        co_return;
    }
    ProcessView view;
    view.process = *process;
    view.argv = wanted.command;
    Response response(202, dump(json_of(view)));
    co_await call.exchange.respond(std::move(response));
}

asio::awaitable<Result<BackgroundList>> ProcessRoutes::list(Call& call, SandboxRequest request) const
{
    using Found = std::vector<wire::ProcessInfo>;
    const auto living = services_.sandboxes.find(request.id, call.caller);
    if (!living) co_return living.error();
    std::function<asio::awaitable<Result<Found>>(AgentLink&)> work = [](AgentLink& link) {
        return list_processes(link);
    };
    const Result<Found> found = co_await Sandboxes::talk<Found>(*living, std::move(work));
    if (!found) co_return found.error();
    BackgroundList list;
    for (const wire::ProcessInfo& info : *found) list.processes.push_back(view_of(info));
    co_return list;
}

asio::awaitable<void> ProcessRoutes::output(Call& call, OutputRequest request) const
{
    const auto living = services_.sandboxes.find(request.id, call.caller);
    if (!living) {
        co_await refuse(call, living.error());
        co_return;
    }
    EventStream events(call.exchange, wanted_events(call.exchange.head()).value_or(EventForm::ndjson));
    TaskIo io("", &events);
    std::function<asio::awaitable<Result<std::uint64_t>>(AgentLink&)> work = [&](AgentLink& link) {
        return show_output(link, request.process, request.follow, io, [&events] { events.begin(); });
    };
    Result<std::uint64_t> dropped = 0U;
    const auto talk = [&]() -> asio::awaitable<void> {
        dropped = co_await talk_attended<std::uint64_t>(call.exchange, *living, std::move(work));
    };
    co_await events.during(talk());
    if (!dropped && !events.has_begun()) {
        co_await refuse(call, dropped.error());
        co_return;
    }
    ordered_json end{{"type", "end"}};
    if (dropped)
        end["dropped_bytes"] = *dropped;
    else
        end.update(failure_json(dropped.error()));
    std::vector<ordered_json> last;
    last.push_back(std::move(end));
    co_await events.finish(std::move(last));
}

}  // namespace

void add_process_routes(Routes& routes, Services& services)
{
    const auto subject = std::make_shared<ProcessRoutes>(services);
    routes.add_raw<RunProcess>(
        http::verb::post, "/v1/sandboxes/{id}/processes",
        {.summary = "Run a program in the sandbox",
         .tag = "processes",
         .description = "Answers with the result record; with `Accept: application/x-ndjson` or `text/event-stream` "
                        "it tells of output as it comes.",
         .errors = {Errc::not_found, Errc::conflict, Errc::permission_denied, Errc::unavailable},
         .others = {{202, "It runs in the background: what GET …/processes shows of it (`detach`)"}}},
        [subject](Call& call, RunProcess request) { return subject->run(call, std::move(request)); });
    routes.add<SandboxRequest, BackgroundList>(
        http::verb::get, "/v1/sandboxes/{id}/processes",
        {.summary = "List the programs in the background",
         .tag = "processes",
         .errors = {Errc::not_found, Errc::conflict}},
        [subject](Call& call, SandboxRequest request) { return subject->list(call, std::move(request)); });
    routes.add_raw<OutputRequest>(
        http::verb::get, "/v1/sandboxes/{id}/processes/{process}/output",
        {.summary = "What a program in the background has written",
         .tag = "processes",
         .errors = {Errc::not_found, Errc::conflict},
         .produces = "application/x-ndjson"},
        [subject](Call& call, OutputRequest request) { return subject->output(call, std::move(request)); });
}

}  // namespace sbx::daemon::native
