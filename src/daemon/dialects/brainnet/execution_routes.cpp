#include "daemon/api/fast_api_errors.hpp"
#include "daemon/dialects/brainnet/brainnet.hpp"
#include "daemon/sandboxes/storage_check.hpp"
#include "daemon/trace/trace_context.hpp"

#include <array>

namespace sbx::daemon {

// Types that requests and answers are made of: they have names for templates of other files.

/// Whole seconds, at least one; its most is known at run time alone.
struct TimeoutSeconds {
    std::optional<std::int64_t> count;
};

void read_json(Decoder& decoder, const nlohmann::json& in, TimeoutSeconds& out)
{
    const std::size_t before = decoder.errors().size();
    std::int64_t count = 0;
    decoder.read(in, count);
    if (decoder.errors().size() != before) return;
    if (count < 1) return decoder.fail("Input should be greater than or equal to 1", "greater_than_equal", {{"ge", 1}});
    out.count = count;
}

template <>
struct JsonForm<TimeoutSeconds> {
    static constexpr const char* name = "TimeoutSeconds";
    static Schemas::Json schema(Schemas& /*schemas*/) { return {{"type", "integer"}, {"minimum", 1}}; }
    static nlohmann::ordered_json write(const TimeoutSeconds& timeout) { return json_of(timeout.count); }
};

struct DebugRequest {
    std::string code;
    std::optional<std::string> processor_id;
    std::optional<std::map<std::string, nlohmann::json>> input_data;
    TimeoutSeconds timeout;
    bool debug_mode = false;
};
BOOST_DESCRIBE_STRUCT(DebugRequest, (), (code, processor_id, input_data, timeout, debug_mode))

constexpr auto fields_of(const DebugRequest* /*type*/)
{
    return std::to_array<Field>({
        {.name = "code",
         .description = "Python, which runs in a sandbox of its own",
         .required = true,
         .example = R"j("print('Hello, World!')")j"},
        {.name = "processor_id", .description = "Stays with the result", .max_length = 256},
        {.name = "input_data",
         .description = "The code's global variable `input_data`",
         .example = R"({"key":"value"})"},
        {.name = "timeout", .description = "Instead of the daemon's own"},
        {.name = "debug_mode", .description = "Tell of its variables and its exceptions"},
    });
}

struct DebugWait {
    double wait = 2;
};
BOOST_DESCRIBE_STRUCT(DebugWait, (), (wait))

constexpr auto fields_of(const DebugWait* /*type*/)
{
    return std::to_array<Field>({{.name = "wait", .minimum = 0, .maximum = 600}});
}

struct DebugListRequest {
    std::int64_t limit = 10;
    std::int64_t offset = 0;
};
BOOST_DESCRIBE_STRUCT(DebugListRequest, (), (limit, offset))

constexpr auto fields_of(const DebugListRequest* /*type*/)
{
    return std::to_array<Field>({
        {.name = "limit", .description = "How many at most", .minimum = 1, .maximum = 100},
        {.name = "offset",
         .description = "How many of the newest are passed over",
         .minimum = 0,
         .maximum = 1'000'000'000},
    });
}

struct DebugIdRequest {
    std::string execution_id;
};
BOOST_DESCRIBE_STRUCT(DebugIdRequest, (), (execution_id))

struct DebugCancellation {
    std::string message;
    std::string execution_id;
    DebugStatus status = DebugStatus::cancelled;
};
BOOST_DESCRIBE_STRUCT(DebugCancellation, (), (message, execution_id, status))

/// A result with its trace taken out of it.
struct DebugDetails {
    std::string execution_id;
    DebugStatus status = DebugStatus::running;
    std::string output;
    std::string stderr;
    std::optional<std::string> error;
    nlohmann::ordered_json debug_info = nlohmann::ordered_json::object();  ///< empty where it was not asked for
    std::vector<DebugFrame> detailed_trace;                                ///< of the last exception
};
BOOST_DESCRIBE_STRUCT(DebugDetails, (), (execution_id, status, output, stderr, error, debug_info, detailed_trace))

namespace brainnet {
namespace {

/// How long the answer may take, in the query beside a body of JSON.
std::chrono::milliseconds wait_of(Call& call)
{
    DebugWait wait;
    nlohmann::json query = nlohmann::json::object();
    if (const auto text = call.exchange.head().target.value("wait")) query["wait"] = *text;
    Decoder decoder(fast_api_reading);
    {
        const Decoder::Inside inside(decoder, "query", query);
        decoder.take_texts(true);
        decoder.read(query, wait);
    }
    call.wrong.insert(call.wrong.end(), decoder.errors().begin(), decoder.errors().end());
    return std::chrono::milliseconds(static_cast<std::int64_t>(wait.wait * 1000));
}

void check_timeout(Call& call, const TimeoutSeconds& timeout, std::chrono::seconds longest)
{
    const std::int64_t most = longest.count();
    if (timeout.count.value_or(1) <= most) return;
    call.wrong.push_back({{"body", "timeout"},
                          fmt::format("Input should be less than or equal to {}", most),
                          "less_than_equal",
                          *timeout.count,
                          {{"le", most}}});
}

DebugDetails details_of(DebugResult result)
{
    DebugDetails details;
    details.execution_id = std::move(result.execution_id);
    details.status = result.status;
    details.output = std::move(result.output);
    details.stderr = std::move(result.stderr);
    details.error = std::move(result.error);
    if (!result.debug_info) return details;
    details.debug_info = json_of(*result.debug_info);
    if (!result.debug_info->exceptions.empty())
        details.detailed_trace = std::move(result.debug_info->exceptions.back().frames);
    return details;
}

/// Executions over HTTP.
class ExecutionRoutes {
   public:
    explicit ExecutionRoutes(DebugRuns& runs) : runs_(runs) {}

    /// Whoever asked may go away: the execution is its id's.
    asio::awaitable<Result<DebugResult>> execute(Call& call, DebugRequest request) const
    {
        check_timeout(call, request.timeout, runs_.longest_timeout());
        const std::chrono::milliseconds patience = wait_of(call);
        if (!call.wrong.empty()) co_return DebugResult();
        DebugOrder order;
        order.code = std::move(request.code);
        order.processor_id = std::move(request.processor_id);
        if (request.input_data) order.input = std::move(*request.input_data);
        if (request.timeout.count) order.timeout = std::chrono::seconds(*request.timeout.count);
        order.debug_mode = request.debug_mode;
        TraceContext trace = trace_of(call.exchange.head());
        Result<std::shared_ptr<Task>> task = co_await runs_.start(std::move(order), call.caller, std::move(trace));
        if (!task) co_return task.error();
        co_return co_await DebugRuns::wait(std::move(*task), patience);
    }

    asio::awaitable<Result<DebugResult>> get(Call& call, DebugIdRequest request) const
    {
        co_return co_await runs_.find(std::move(request.execution_id), call.caller);
    }

    asio::awaitable<Result<std::vector<DebugResult>>> list(Call& call, DebugListRequest request) const
    {
        const auto offset = static_cast<std::size_t>(request.offset);
        const auto limit = static_cast<std::size_t>(request.limit);
        Result<DebugPage> page = co_await runs_.list(offset, limit, call.caller);
        if (!page) co_return page.error();
        call.headers.emplace_back("X-Total-Count", std::to_string(page->total));
        co_return std::move(page->results);
    }

    asio::awaitable<Result<DebugCancellation>> cancel(Call& call, DebugIdRequest request) const
    {
        Result<std::pair<DebugResult, bool>> ended =
            co_await runs_.cancel(std::move(request.execution_id), call.caller);
        if (!ended) co_return ended.error();
        DebugCancellation cancellation;
        cancellation.message = ended->second ? "Execution cancelled" : "Execution already ended";
        cancellation.execution_id = std::move(ended->first.execution_id);
        cancellation.status = ended->first.status;
        co_return cancellation;
    }

    asio::awaitable<Result<DebugDetails>> debug(Call& call, DebugIdRequest request) const
    {
        Result<DebugResult> result = co_await runs_.find(std::move(request.execution_id), call.caller);
        if (!result) co_return result.error();
        co_return details_of(std::move(*result));
    }

   private:
    DebugRuns& runs_;
};

template <class Request, class Answer>
auto bound(const std::shared_ptr<ExecutionRoutes>& subject,
           asio::awaitable<Result<Answer>> (ExecutionRoutes::*handler)(Call&, Request) const)
{
    return [subject, handler](Call& call, Request request) { return ((*subject).*handler)(call, std::move(request)); };
}

}  // namespace

void add_execution_routes(Routes& routes, const Services& services)
{
    const auto subject = std::make_shared<ExecutionRoutes>(services.runs);
    const std::string one = "/execution/{execution_id}";
    const std::vector<Errc> finding{Errc::not_found};
    Route& execute = routes.add<DebugRequest, DebugResult>(
        http::verb::post, "/execute",
        {.summary = "Run code",
         .tag = "brainnet",
         .description = "Answers when it has ended, and after two seconds with `running`; `?wait=SECONDS` (0 to 600) "
                        "says another time. The execution goes on whoever waits for it.",
         .errors = {Errc::resource_exhausted, Errc::image_unavailable, Errc::unavailable}},
        bound(subject, &ExecutionRoutes::execute));
    refuse_when_full(execute, services.store);
    routes.add<DebugIdRequest, DebugResult>(http::verb::get, one,
                                            {.summary = "Show an execution", .tag = "brainnet", .errors = finding},
                                            bound(subject, &ExecutionRoutes::get));
    routes.add<DebugListRequest, std::vector<DebugResult>>(
        http::verb::get, "/executions",
        {.summary = "List executions, newest first",
         .tag = "brainnet",
         .description = "`X-Total-Count` says how many there are. A list ends early after 16 MiB."},
        bound(subject, &ExecutionRoutes::list));
    routes.add<DebugIdRequest, DebugCancellation>(
        http::verb::delete_, one, {.summary = "End an execution at once", .tag = "brainnet", .errors = finding},
        bound(subject, &ExecutionRoutes::cancel));
    routes.add<DebugIdRequest, DebugDetails>(
        http::verb::get, "/debug/{execution_id}",
        {.summary = "Show what debugging tells of an execution", .tag = "brainnet", .errors = finding},
        bound(subject, &ExecutionRoutes::debug));
}

}  // namespace brainnet
}  // namespace sbx::daemon
