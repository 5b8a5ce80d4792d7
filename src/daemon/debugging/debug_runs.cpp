#include "daemon/debugging/debug_runs.hpp"

#include <algorithm>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr const char* dialect = "brainnet";
constexpr const char* runner = "/.sbx/python/brainnet.py";
constexpr const char* input_place = "/tmp/.sbx-input.json";
constexpr const char* report_flag = "--report";
constexpr auto longest = 600s;      // unless the operator's own time limit is more
constexpr auto stop_again = 100ms;  // a program that has not begun yet takes no signal

Error no_such_execution()
{
    return {Errc::not_found, "Execution not found"};
}

AdmissionBounds queue_bounds(const DebugBounds& bounds)
{
    return {.total = bounds.concurrent, .per_key = bounds.concurrent, .waiting_per_key = bounds.waiting};
}

}  // namespace

DebugRuns::DebugRuns(const asio::any_io_executor& executor, Executions& executions, Store& store,
                     const Settings& settings, DebugBounds bounds)
    : executions_(executions),
      store_(store),
      settings_(settings),
      bounds_(bounds),
      queue_(executor, queue_bounds(bounds))
{
}

std::chrono::seconds DebugRuns::longest_timeout() const
{
    return std::max<std::chrono::seconds>(longest, bounds_.timeout);
}

/// The runner starts in place of the code and runs it; arguments are the runner's own.
Result<PreparedCode> DebugRuns::prepared(DebugOrder order, const Caller& caller) const
{
    CodeOrder wanted;
    wanted.language = "python";
    wanted.code = std::move(order.code);
    wanted.files[input_place].bytes = nlohmann::json(std::move(order.input)).dump();
    wanted.arguments = {input_place};
    if (order.debug_mode) wanted.arguments.emplace_back(report_flag);
    Result<PreparedCode> code = prepare(std::move(wanted), settings_, caller);
    if (!code) return code;
    RunRequest& request = code->request;
    request.command.insert(request.command.begin() + 1, runner);
    request.limits.wall_ms = order.timeout.value_or(bounds_.timeout);
    if (order.debug_mode) request.report_bytes = most_report_bytes;
    return code;
}

asio::awaitable<Result<std::shared_ptr<Task>>> DebugRuns::start(DebugOrder order, Caller caller, TraceContext trace)
{
    if (queue_.is_full(caller.key))
        co_return Error(Errc::resource_exhausted, "Too many executions wait for their turn");
    DebugExtra extra;
    extra.processor_id = std::move(order.processor_id);
    extra.debug_mode = order.debug_mode;
    Result<PreparedCode> code = prepared(std::move(order), caller);
    if (!code) co_return code.error();
    DialectPart part;
    part.queue = &queue_;
    part.extra = write_extra(extra);
    part.on_end = [this, limits = code->request.limits, extra](Task& task) { conclude(task, limits, extra); };
    auto task = executions_.start(std::move(*code), std::move(caller), dialect, nullptr, std::move(part));
    task->trace = std::move(trace);
    ++counted_.total;
    const Result<void> remembered = co_await executions_.remember(task);
    if (!remembered) {
        Executions::stop(*task, true);
        co_return remembered.error();
    }
    co_return task;
}

void DebugRuns::conclude(Task& task, const Limits& limits, DebugExtra extra)
{
    const Result<RunResult>& result = *task.result;
    if (result) {
        extra.report = parse_report(result->report);
        extra.error = error_of(*result, limits, extra.report);
    } else {
        extra.error = result.error().message;
    }
    task.part.extra = write_extra(std::move(extra));
    count(task);
}

void DebugRuns::count(const Task& task)
{
    StoredExecution end;
    end.state = task.state;
    if (*task.result) {
        end.reason = (*task.result)->execution.reason;
        end.exit_code = (*task.result)->execution.exit_code;
    }
    switch (status_of(end)) {
        case DebugStatus::completed:
            ++counted_.completed;
            break;
        case DebugStatus::timeout:
            ++counted_.timed_out;
            break;
        case DebugStatus::cancelled:
            ++counted_.cancelled;
            break;
        default:
            ++counted_.failed;
    }
    counted_.time += *task.ended - task.started.value_or(*task.ended);
}

asio::awaitable<Result<DebugResult>> DebugRuns::wait(std::shared_ptr<Task> task, std::chrono::milliseconds patience)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!task->result && std::chrono::steady_clock::now() < deadline) co_await task->changed.wait(deadline);
    if (task->result && !*task->result && !task->cancelled) co_return task->result->error();
    co_return result_of(stored(*task));
}

asio::awaitable<Result<DebugResult>> DebugRuns::find(std::string id, Caller caller) const
{
    std::optional<std::string> digits = digits_of(id);
    if (!digits) co_return no_such_execution();
    const Result<StoredExecution> found = co_await executions_.look_up(std::move(*digits), std::move(caller));
    const bool is_none = found ? found->dialect != dialect : found.error().code == Errc::not_found;
    if (is_none) co_return no_such_execution();
    if (!found) co_return found.error();
    co_return result_of(*found);
}

asio::awaitable<Result<DebugPage>> DebugRuns::list(std::size_t offset, std::size_t limit, Caller caller) const
{
    ExecutionQuery query;
    if (!caller.is_operator) query.owner = caller.key;
    query.dialect = dialect;
    query.with_records = true;
    query.offset = offset;
    query.limit = limit;
    ExecutionQuery all = query;
    const Result<std::uint64_t> total = co_await store_.count_executions(std::move(all));
    if (!total) co_return total.error();
    const Result<ExecutionPage> page = co_await store_.list_executions(std::move(query));
    if (!page) co_return page.error();
    DebugPage shown;
    shown.total = *total;
    for (const StoredExecution& each : page->executions) shown.results.push_back(result_of(each));
    co_return shown;
}

asio::awaitable<Result<std::pair<DebugResult, bool>>> DebugRuns::cancel(std::string id, Caller caller) const
{
    const std::optional<std::string> digits = digits_of(id);
    const auto task = digits ? executions_.find(*digits) : nullptr;
    if (!task || task->dialect != dialect || !caller.owns(task->caller.key)) {
        Result<DebugResult> ended = co_await find(std::move(id), std::move(caller));
        if (!ended) co_return ended.error();
        co_return std::pair(std::move(*ended), false);
    }
    while (!task->result) {
        Executions::stop(*task, true);
        co_await task->changed.wait(std::chrono::steady_clock::now() + stop_again);
    }
    co_return std::pair(result_of(stored(*task)), true);
}

DebugStatistics DebugRuns::statistics() const
{
    DebugStatistics now = counted_;
    now.working = queue_.working();
    now.waiting = queue_.waiting();
    return now;
}

}  // namespace sbx::daemon
