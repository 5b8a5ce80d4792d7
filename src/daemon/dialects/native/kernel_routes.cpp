#include "core/sandbox/detached.hpp"
#include "core/sandbox/kernel_place.hpp"
#include "core/sandbox/kernel_question.hpp"
#include "core/sandbox/kernel_results.hpp"
#include "core/sandbox/kernel_run.hpp"
#include "daemon/api/request_json.hpp"
#include "daemon/dialects/native/native.hpp"
#include "daemon/dialects/native/sandbox_request.hpp"
#include "daemon/executions/event_stream.hpp"
#include "daemon/executions/execution_json.hpp"
#include "daemon/sandboxes/session_request.hpp"

#include <array>
#include <csignal>

namespace sbx::daemon::native {
using namespace std::chrono_literals;
using nlohmann::ordered_json;

// Types that requests and answers are made of: they have names for templates of other files.

struct EvaluateRequest {
    std::string id;
    std::string code;
    std::string language = "python";
    std::string context = "default";
    std::optional<std::string> stdin;
    std::map<std::string, std::string> env;
    std::optional<std::chrono::milliseconds> timeout_ms;
    bool restart = false;
};
BOOST_DESCRIBE_STRUCT(EvaluateRequest, (), (id, code, language, context, stdin, env, timeout_ms, restart))

constexpr auto fields_of(const EvaluateRequest* /*type*/)
{
    return std::to_array<Field>({
        {.name = "code",
         .description = "Runs among the variables of what ran before",
         .required = true,
         .example = R"("x = 6 * 7\nx")"},
        {.name = "language", .description = "One that has a kernel", .max_length = 32, .example = R"("python")"},
        {.name = "context", .description = "A kernel of its own by that name", .max_length = 64},
        {.name = "stdin", .description = "What the code finds there"},
        {.name = "env", .description = "Of a kernel that has to be started"},
        {.name = "timeout_ms", .description = "Then the code is interrupted; its variables stay", .minimum = 1},
        {.name = "restart", .description = "End the kernel first: its variables are lost"},
    });
}

struct KernelRequest {
    std::string id;
    std::string language = "python";
    std::string context = "default";
};
BOOST_DESCRIBE_STRUCT(KernelRequest, (), (id, language, context))

struct Variable {
    std::string name;
    std::string type;
    std::string value;
    std::optional<std::uint64_t> length;
    std::optional<std::vector<std::uint64_t>> shape;
    bool truncated = false;
};
BOOST_DESCRIBE_STRUCT(Variable, (), (name, type, value, length, shape, truncated))

struct VariableList {
    std::vector<Variable> variables;
};
BOOST_DESCRIBE_STRUCT(VariableList, (), (variables))

struct Interrupted {
    bool interrupted = false;  ///< something ran
};
BOOST_DESCRIBE_STRUCT(Interrupted, (), (interrupted))

struct KernelView {
    std::string language;
    std::string context;
    std::uint64_t process = 0;  ///< its number among the programs in the background
    bool busy = false;          ///< code runs in it that this daemon was given
};
BOOST_DESCRIBE_STRUCT(KernelView, (), (language, context, process, busy))

struct KernelList {
    std::vector<KernelView> kernels;
};
BOOST_DESCRIBE_STRUCT(KernelList, (), (kernels))

namespace {

/// Results as they come: into the record, and to a stream where there is one.
class Answers : public AnswerSink {
   public:
    explicit Answers(EventStream* events) : events_(events) {}

    asio::awaitable<Result<void>> show(const KernelAnswer& answer) override
    {
        results_.add(answer);
        if (events_ == nullptr) co_return Result<void>();
        ordered_json event = event_of(answer);
        co_return co_await events_->tell(std::move(event));
    }
    void complete(ordered_json& record) const { results_.complete(record); }

   private:
    EventStream* events_;
    KernelResults results_;
};

/// Kernels of sandboxes over HTTP.
class KernelRoutes {
   public:
    explicit KernelRoutes(Services& services) : services_(services) {}

    asio::awaitable<void> evaluate(Call& call, EvaluateRequest request);
    asio::awaitable<Result<Interrupted>> interrupt(Call& call, KernelRequest request) const;
    asio::awaitable<Result<VariableList>> variables(Call& call, KernelRequest request) const;
    asio::awaitable<Result<KernelList>> list(Call& call, SandboxRequest request) const;
    asio::awaitable<Result<Nothing>> restart(Call& call, KernelRequest request) const;

   private:
    struct Running {
        std::string sandbox;
        std::string language;
        std::string context;
        KernelRun* run;
    };
    /// Takes a run off the list, however it ends.
    struct Leaving {
        Leaving(std::vector<Running>& of_, const KernelRun* run_) : of(of_), run(run_) {}
        ~Leaving()
        {
            std::erase_if(of, [this](const Running& each) { return each.run == run; });
        }
        Leaving(const Leaving&) = delete;
        Leaving& operator=(const Leaving&) = delete;

        std::vector<Running>& of;
        const KernelRun* run;
    };

    std::vector<KernelRun*> running_in(const std::string& sandbox, const KernelPlace& place) const;
    asio::awaitable<void> refuse(Call& call, Error error) const;
    asio::awaitable<void> answer(Call& call, const Result<RunResult>& result, const Answers& answers,
                                 std::optional<EventStream>& events) const;

    Services& services_;
    NativeErrors errors_;
    std::vector<Running> running_;
};

Result<KernelPlace> place_of(const std::string& language, const std::string& context)
{
    const auto known = find_language(language);
    if (!known) return Error(Errc::invalid_argument, known.error().message, known.error().hint);
    return kernel_place(**known, context);
}

/// How it is started, where it has to be.
void start_with(KernelPlace& place, const EnvironmentList& environment, const std::string& directory)
{
    for (const auto& [name, value] : environment) place.environment.push_back(fmt::format("{}={}", name, value));
    place.directory = directory;
}

/// The kernel of a sandbox, which is started as the sandbox's programs are.
Result<KernelPlace> place_in(const Living& living, const KernelRequest& request)
{
    Result<KernelPlace> place = place_of(request.language, request.context);
    if (place) start_with(*place, living.now().environment, living.now().directory);
    return place;
}

asio::awaitable<void> KernelRoutes::refuse(Call& call, Error error) const
{
    Response refused = errors_.answer(error, call.exchange.head().id);
    co_await call.exchange.respond(std::move(refused));
}

asio::awaitable<void> KernelRoutes::answer(Call& call, const Result<RunResult>& result, const Answers& answers,
                                           std::optional<EventStream>& events) const
{
    if (!result && (!events || !events->has_begun())) {
        co_await refuse(call, result.error());
        co_return;
    }
    ordered_json record = result ? json_of(*result) : failure_json(result.error());
    if (result) answers.complete(record);
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

asio::awaitable<void> KernelRoutes::evaluate(Call& call, EvaluateRequest request)
{
    const auto living = services_.sandboxes.find(request.id, call.caller);
    auto place = place_of(request.language, request.context);
    Result<RunRequest> wanted = Error(Errc::internal, "");
    if (living) wanted = session_request((*living)->now(), request.env, request.timeout_ms, call.caller);
    Result<KernelUse> kernel = Error(Errc::internal, "");
    if (living && place && wanted) kernel = services_.sandboxes.kernel(**living, *place);
    std::optional<Error> failure;
    if (!living)
        failure = living.error();
    else if (!place)
        failure = place.error();
    else if (!wanted)
        failure = wanted.error();
    else if (!kernel)
        failure = kernel.error();
    if (failure) {
        co_await refuse(call, *failure);
        co_return;
    }
    start_with(*place, wanted->environment, wanted->directory);
    const std::string language(place->language);
    KernelOrder order;
    order.place = std::move(*place);
    order.code = std::move(request.code);
    order.input.text = std::move(request.stdin);
    order.restart = request.restart;
    std::optional<EventStream> events;
    if (const auto form = wanted_events(call.exchange.head())) events.emplace(call.exchange, *form);
    EventStream* const reader = events ? &*events : nullptr;
    TaskIo io("", reader);
    Answers answers(reader);
    const std::string execution = wanted->execution_id;
    const std::string image = wanted->image_name;
    const std::string digest = wanted->image.id;
    KernelRun run(io, answers, services_.sandboxes.store(), (*living)->now(), std::move(*wanted), std::move(order));
    running_.push_back({request.id, request.language, request.context, &run});
    const Leaving leaving(running_, &run);
    Result<RunResult> result = co_await tell_during(call.exchange, reader, run, run.execute(*kernel->session));
    services_.metrics.count_execution(ExecutionKind::kernel, language, result);
    if (result) {
        result->execution.execution_id = execution;
        result->execution.image = image;
        result->execution.image_digest = digest;
    }
    co_await answer(call, result, answers, events);
}

asio::awaitable<Result<Interrupted>> KernelRoutes::interrupt(Call& call, KernelRequest request) const
{
    const auto living = services_.sandboxes.find(request.id, call.caller);
    if (!living) co_return living.error();
    const auto place = place_of(request.language, request.context);
    if (!place) co_return place.error();
    Interrupted answer;
    for (KernelRun* run : running_in(request.id, *place))
        answer.interrupted = run->signal(SIGINT) || answer.interrupted;
    co_return answer;
}

std::vector<KernelRun*> KernelRoutes::running_in(const std::string& sandbox, const KernelPlace& place) const
{
    std::vector<KernelRun*> runs;
    for (const Running& each : running_) {
        const auto its = place_of(each.language, each.context);
        if (each.sandbox == sandbox && its->language == place.language && its->context == place.context)
            runs.push_back(each.run);
    }
    return runs;
}

asio::awaitable<Result<KernelList>> KernelRoutes::list(Call& call, SandboxRequest request) const
{
    using Found = std::vector<wire::ProcessInfo>;
    const auto living = services_.sandboxes.find(request.id, call.caller);
    if (!living) co_return living.error();
    std::function<asio::awaitable<Result<Found>>(AgentLink&)> work = [](AgentLink& link) {
        return list_processes(link);
    };
    const Result<Found> found = co_await Sandboxes::talk<Found>(*living, std::move(work));
    if (!found) co_return found.error();
    KernelList list;
    for (const wire::ProcessInfo& process : *found) {
        const auto place = kernel_of(process.argv);
        if (!process.running || !place) continue;
        KernelView& view = list.kernels.emplace_back();
        view.language = place->language;
        view.context = place->context;
        view.process = process.process;
        view.busy = !running_in(request.id, *place).empty();
    }
    co_return list;
}

asio::awaitable<Result<Nothing>> KernelRoutes::restart(Call& call, KernelRequest request) const
{
    const auto living = services_.sandboxes.find(request.id, call.caller);
    if (!living) co_return living.error();
    Result<KernelPlace> place = place_in(**living, request);
    if (!place) co_return place.error();
    const auto until = std::chrono::steady_clock::now() + 10s;
    Condition pause(co_await asio::this_coro::executor);
    while (std::chrono::steady_clock::now() < until) {
        const std::vector<KernelRun*> runs = running_in(request.id, *place);
        if (runs.empty()) break;
        for (KernelRun* run : runs) run->signal(SIGINT);                // the second one ends the kernel
        co_await pause.wait(std::chrono::steady_clock::now() + 100ms);  // code that has not begun takes none
    }
    const Result<KernelUse> kernel = services_.sandboxes.kernel(**living, *place);
    if (!kernel) co_return kernel.error();
    const Result<void> restarted = co_await restart_kernel(*kernel->session, std::move(*place), until);
    if (!restarted) co_return restarted.error();
    co_return Nothing();
}

asio::awaitable<Result<VariableList>> KernelRoutes::variables(Call& call, KernelRequest request) const
{
    const auto living = services_.sandboxes.find(request.id, call.caller);
    if (!living) co_return living.error();
    Result<KernelPlace> place = place_in(**living, request);
    if (!place) co_return place.error();
    const auto until = std::chrono::steady_clock::now() + 10s;
    const Result<KernelUse> kernel = services_.sandboxes.kernel(**living, std::move(*place));
    if (!kernel) co_return kernel.error();
    const Result<KernelAnswer> said = co_await ask_kernel(*kernel->session, ask_variables(), until);
    if (!said) co_return said.error();
    VariableList list;
    for (KernelVariable& each : variables_of(*said)) {
        Variable& variable = list.variables.emplace_back();
        variable.name = std::move(each.name);
        variable.type = std::move(each.type);
        variable.value = std::move(each.value);
        variable.length = each.length;
        variable.shape = std::move(each.shape);
        variable.truncated = each.truncated;
    }
    co_return list;
}

}  // namespace

void add_kernel_routes(Routes& routes, Services& services)
{
    const auto subject = std::make_shared<KernelRoutes>(services);
    routes.add_raw<EvaluateRequest>(
        http::verb::post, "/v1/sandboxes/{id}/executions",
        {.summary = "Run code in a kernel of the sandbox, which keeps its variables",
         .tag = "kernels",
         .description = "The kernel is started by its first execution; executions of one kernel take turns. Answers "
                        "with the result record, `results` filled in; with `Accept: application/x-ndjson` or "
                        "`text/event-stream` it tells of output and results as they come.",
         .errors = {Errc::not_found, Errc::conflict, Errc::unavailable}},
        [subject](Call& call, EvaluateRequest request) { return subject->evaluate(call, std::move(request)); });
    routes.add<KernelRequest, Interrupted>(
        http::verb::post, "/v1/sandboxes/{id}/kernels/interrupt",
        {.summary = "Interrupt what runs in a kernel; its variables stay",
         .tag = "kernels",
         .errors = {Errc::not_found, Errc::conflict}},
        [subject](Call& call, KernelRequest request) { return subject->interrupt(call, std::move(request)); });
    routes.add<KernelRequest, Nothing>(
        http::verb::post, "/v1/sandboxes/{id}/kernels/restart",
        {.summary = "End a kernel, what runs in it and its variables, and start it anew",
         .tag = "kernels",
         .errors = {Errc::not_found, Errc::conflict, Errc::deadline_exceeded, Errc::unavailable},
         .status = 204,
         .produces = ""},
        [subject](Call& call, KernelRequest request) { return subject->restart(call, std::move(request)); });
    routes.add<SandboxRequest, KernelList>(
        http::verb::get, "/v1/sandboxes/{id}/kernels",
        {.summary = "List the kernels that run", .tag = "kernels", .errors = {Errc::not_found, Errc::conflict}},
        [subject](Call& call, SandboxRequest request) { return subject->list(call, std::move(request)); });
    routes.add<KernelRequest, VariableList>(
        http::verb::get, "/v1/sandboxes/{id}/kernels/variables",
        {.summary = "Show the variables of a kernel",
         .tag = "kernels",
         .errors = {Errc::not_found, Errc::conflict, Errc::deadline_exceeded}},
        [subject](Call& call, KernelRequest request) { return subject->variables(call, std::move(request)); });
}

}  // namespace sbx::daemon::native
