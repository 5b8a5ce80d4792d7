#include "daemon/api/conditional.hpp"
#include "daemon/dialects/native/native.hpp"
#include "daemon/dialects/native/times.hpp"
#include "daemon/executions/attend.hpp"
#include "daemon/executions/event_stream.hpp"
#include "daemon/executions/execution_json.hpp"
#include "daemon/idempotency/idempotency_key.hpp"
#include "daemon/idempotency/idempotent_endpoint.hpp"

#include <array>

namespace sbx::daemon::native {
using nlohmann::ordered_json;

// Types that requests and answers are made of: they have names for templates of other files.

struct ExecuteRequest {
    std::string template_;
    std::string language;
    std::optional<std::string> code;
    std::string entry;
    std::map<std::string, Content> files;
    std::vector<std::string> args;
    Content stdin;
    std::map<std::string, std::string> env;
    std::vector<std::string> libraries;
    std::optional<std::string> image;
    std::optional<std::vector<std::string>> allow;
    std::map<std::string, std::string> labels;
    LimitsWish limits;
    bool list_files = false;
    bool detach = false;
};
BOOST_DESCRIBE_STRUCT(ExecuteRequest, (),
                      (template_, language, code, entry, files, args, stdin, env, libraries, image, allow, labels,
                       limits, list_files, detach))

constexpr auto fields_of(const ExecuteRequest* /*type*/)
{
    return std::to_array<Field>({
        {.name = "template",
         .description = "What is not said here is as in this template: one that GET /v1/templates shows",
         .max_length = 64},
        {.name = "language",
         .description = "Name or alias; else told by the entry's name, else Python",
         .max_length = 32,
         .example = R"("python")"},
        {.name = "code", .description = "The program, where it is one file", .example = R"j("print(6 * 7)")j"},
        {.name = "entry", .description = "The one of the files that starts, where there is no code"},
        {.name = "files", .description = "Files of the sandbox by their path, below /work or /tmp"},
        {.name = "args", .description = "The program's arguments", .max_length = 1000},
        {.name = "stdin", .description = "What the program reads"},
        {.name = "env", .description = "Variables of the program"},
        {.name = "libraries", .description = "To be there: numpy, pandas<3", .max_length = 100},
        {.name = "image", .description = "Instead of the language's: one that GET /v1/images shows"},
        {.name = "allow", .description = "Where the program may connect to: HOST or HOST:PORT", .max_length = 128},
        {.name = "labels", .description = "Of the sandbox"},
        {.name = "limits", .description = "Instead of the daemon's own"},
        {.name = "list_files", .description = "Name the files that were made or changed"},
        {.name = "detach", .description = "Answer at once, with 202 and the execution's id"},
    });
}

struct ListExecutions {
    std::optional<ExecutionState> state;
    std::optional<std::string> language;
    std::string cursor;
    std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(ListExecutions, (), (state, language, cursor, limit))

constexpr auto fields_of(const ListExecutions* /*type*/)
{
    return std::to_array<Field>({
        {.name = "state", .description = "Only those in it"},
        {.name = "language", .description = "Only those of it"},
        {.name = "cursor", .description = "`next` of the page before", .max_length = 128},
        {.name = "limit", .description = "How many a page has at most", .minimum = 1, .maximum = 1000},
    });
}

struct ExecutionRequest {
    std::string id;
};
BOOST_DESCRIBE_STRUCT(ExecutionRequest, (), (id))

/// An execution as it is listed.
struct ExecutionInfo {
    std::string id;
    ExecutionState state = ExecutionState::queued;
    std::string language;
    std::string dialect;
    std::optional<std::string> sandbox;
    std::optional<Reason> reason;
    std::optional<int> exit_code;
    std::string created;
    std::optional<std::string> started;
    std::optional<std::string> ended;
    nlohmann::json record;  ///< the result record, or what failed; null until it ended
};
BOOST_DESCRIBE_STRUCT(ExecutionInfo, (),
                      (id, state, language, dialect, sandbox, reason, exit_code, created, started, ended, record))

struct ExecutionList {
    std::vector<ExecutionInfo> executions;
    std::optional<std::string> next;  ///< cursor of the next page
};
BOOST_DESCRIBE_STRUCT(ExecutionList, (), (executions, next))

namespace {

ExecutionInfo info_of(const StoredExecution& stored)
{
    ExecutionInfo info;
    info.id = stored.id;
    info.state = stored.state;
    info.language = stored.language;
    info.dialect = stored.dialect;
    info.sandbox = stored.sandbox;
    info.reason = stored.reason;
    info.exit_code = stored.exit_code;
    info.created = time_text(stored.created);
    info.started = time_text(stored.started);
    info.ended = time_text(stored.ended);
    if (!stored.record.empty()) info.record = nlohmann::json::parse(stored.record, nullptr, false);
    return info;
}

bool is_execution_id(const std::string& id)
{
    return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Error unknown(const std::string& id)
{
    return {Errc::not_found, "there is no such execution: " + (is_execution_id(id) ? id : "it is no id"),
            "GET /v1/executions"};
}

/// Executions over HTTP.
class ExecutionRoutes {
   public:
    explicit ExecutionRoutes(Services& services) : services_(services) {}

    asio::awaitable<void> execute(Call& call, ExecuteRequest request) const;
    asio::awaitable<Result<ExecutionInfo>> get(Call& call, ExecutionRequest request) const;
    asio::awaitable<Result<ExecutionList>> list(Call& call, ListExecutions request) const;
    asio::awaitable<Result<ExecutionInfo>> cancel(Call& call, ExecutionRequest request) const;

   private:
    asio::awaitable<void> detach(Call& call, std::shared_ptr<Task> task) const;
    asio::awaitable<void> stream(Call& call, PreparedCode code, EventForm form) const;
    asio::awaitable<void> refuse(Call& call, Error error) const;

    Services& services_;
    NativeErrors errors_;
};

asio::awaitable<void> ExecutionRoutes::refuse(Call& call, Error error) const
{
    Response refused = errors_.answer(error, call.exchange.head().id);
    co_await call.exchange.respond(std::move(refused));
}

asio::awaitable<void> ExecutionRoutes::execute(Call& call, ExecuteRequest request) const
{
    CodeOrder order;
    order.language = std::move(request.language);
    order.code = std::move(request.code);
    order.entry = std::move(request.entry);
    order.files = std::move(request.files);
    order.arguments = std::move(request.args);
    order.input = std::move(request.stdin.bytes);
    order.environment = std::move(request.env);
    order.libraries = std::move(request.libraries);
    order.image = std::move(request.image);
    order.allow = request.allow.value_or(std::vector<std::string>());
    order.labels = std::move(request.labels);
    order.limits = request.limits;
    order.list_files = request.list_files;
    if (!request.template_.empty()) {
        const Result<Template> from = co_await services_.templates.find(request.template_);
        if (!from) {
            co_await refuse(call, from.error());
            co_return;
        }
        apply(*from, order, request.allow.has_value());
    }
    Result<PreparedCode> code = prepare(std::move(order), services_.settings, call.caller);
    if (!code) {
        co_await refuse(call, code.error());
        co_return;
    }
    const std::optional<EventForm> form = wanted_events(call.exchange.head());
    const bool is_stream = form && !request.detach;
    if (is_stream && call.exchange.head().fields.count(idempotency_key_field) > 0) {
        Error failure(Errc::invalid_argument, "a stream is not kept: Idempotency-Key does not go with it",
                      "Accept: application/json, or detach");
        co_await refuse(call, std::move(failure));
        co_return;
    }
    if (is_stream) {
        co_await stream(call, std::move(*code), *form);
        co_return;
    }
    auto task = services_.executions.start(std::move(*code), call.caller, "native", nullptr);
    task->trace = trace_of(call.exchange.head());
    if (request.detach) {
        co_await detach(call, std::move(task));
        co_return;
    }
    std::function<void()> stop = [task] { Executions::stop(*task, true); };
    co_await attend(call.exchange, Executions::wait(task), std::move(stop));
    const Result<RunResult>& result = *task->result;
    Response response =
        result ? Response(200, dump(json_of(*result))) : errors_.answer(result.error(), call.exchange.head().id);
    co_await call.exchange.respond(std::move(response));
}

asio::awaitable<void> ExecutionRoutes::detach(Call& call, std::shared_ptr<Task> task) const
{
    const Result<void> stored_now = co_await services_.executions.remember(task);
    if (!stored_now) {
        Executions::stop(*task, true);
        co_await refuse(call, stored_now.error());
        co_return;
    }
    Response response(202, dump(json_of(info_of(stored(*task)))));
    response.headers.emplace_back("Location", "/v1/executions/" + task->id);
    co_await call.exchange.respond(std::move(response));
}

asio::awaitable<void> ExecutionRoutes::stream(Call& call, PreparedCode code, EventForm form) const
{
    EventStream events(call.exchange, form);
    auto task = services_.executions.start(std::move(code), call.caller, "native", &events);
    task->trace = trace_of(call.exchange.head());
    std::function<void()> stop = [task] { Executions::stop(*task, true); };
    co_await events.during(attend(call.exchange, Executions::wait(task), std::move(stop)));
    const Result<RunResult>& result = *task->result;
    if (!result && !events.has_begun()) {
        co_await refuse(call, result.error());
        co_return;
    }
    ordered_json end = result ? json_of(*result) : failure_json(result.error());
    end["type"] = "end";
    std::vector<ordered_json> last;
    last.push_back(std::move(end));
    co_await events.finish(std::move(last));
}

asio::awaitable<Result<ExecutionInfo>> ExecutionRoutes::get(Call& call, ExecutionRequest request) const
{
    if (!is_execution_id(request.id)) co_return unknown(request.id);
    const Result<StoredExecution> found = co_await services_.executions.look_up(request.id, call.caller);
    if (!found && found.error().code == Errc::not_found) co_return unknown(request.id);
    if (!found) co_return found.error();
    co_return info_of(*found);
}

asio::awaitable<Result<ExecutionList>> ExecutionRoutes::list(Call& call, ListExecutions request) const
{
    ExecutionQuery query;
    if (!call.caller.is_operator) query.owner = call.caller.key;
    query.state = request.state;
    query.language = std::move(request.language);
    query.cursor = std::move(request.cursor);
    query.limit = request.limit;
    const Result<ExecutionPage> page = co_await services_.executions.list(std::move(query));
    if (!page) co_return page.error();
    ExecutionList list;
    for (const StoredExecution& each : page->executions) list.executions.push_back(info_of(each));
    if (!page->next.empty()) list.next = page->next;
    co_return list;
}

asio::awaitable<Result<ExecutionInfo>> ExecutionRoutes::cancel(Call& call, ExecutionRequest request) const
{
    const auto task = is_execution_id(request.id) ? services_.executions.find(request.id) : nullptr;
    if (!task || !call.caller.owns(task->caller.key)) {
        Result<ExecutionInfo> ended = co_await get(call, request);
        if (!ended) co_return ended.error();
        co_return Error(Errc::conflict, "the execution has ended already");
    }
    Executions::stop(*task, false);
    co_await Executions::wait(task);
    co_return info_of(stored(*task));
}

}  // namespace

void add_execution_routes(Routes& routes, Services& services)
{
    const auto subject = std::make_shared<ExecutionRoutes>(services);
    Route& execute = routes.add_raw<ExecuteRequest>(
        http::verb::post, "/v1/executions",
        {.summary = "Run code once, in a sandbox of its own",
         .tag = "executions",
         .description = "Answers with the result record whatever became of the program. With `Accept: "
                        "application/x-ndjson` or `text/event-stream` it tells of output as it comes, and ends with "
                        "the record. When the client goes away, the program is ended, unless there is an "
                        "Idempotency-Key, which does not go with a stream.",
         .errors = {Errc::permission_denied, Errc::too_large, Errc::resource_exhausted, Errc::unavailable,
                    Errc::image_unavailable, Errc::deadline_exceeded},
         .others = {{202, "It is under way: what GET /v1/executions/{id} shows (`detach`)"}}},
        [subject](Call& call, ExecuteRequest request) { return subject->execute(call, std::move(request)); });
    make_idempotent(execute, services.idempotent);
    routes.add<ListExecutions, ExecutionList>(
        http::verb::get, "/v1/executions", {.summary = "List executions, newest first", .tag = "executions"},
        [subject](Call& call, ListExecutions request) { return subject->list(call, std::move(request)); });
    Route& get = routes.add<ExecutionRequest, ExecutionInfo>(
        http::verb::get, "/v1/executions/{id}",
        {.summary = "Show one execution", .tag = "executions", .errors = {Errc::not_found}},
        [subject](Call& call, ExecutionRequest request) { return subject->get(call, std::move(request)); });
    make_tagged(get);
    routes.add<ExecutionRequest, ExecutionInfo>(
        http::verb::post, "/v1/executions/{id}/cancel",
        {.summary = "End an execution that is under way",
         .tag = "executions",
         .description = "Its program is asked first, and killed after its grace time.",
         .errors = {Errc::not_found, Errc::conflict}},
        [subject](Call& call, ExecutionRequest request) { return subject->cancel(call, std::move(request)); });
}

}  // namespace sbx::daemon::native
