#include "daemon/executions/executions.hpp"

#include "core/libraries/library_use.hpp"
#include "core/random.hpp"
#include "core/sandbox/identity.hpp"
#include "core/store/execution_query.hpp"
#include "daemon/api/request_json.hpp"
#include "daemon/executions/execution_json.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/describe/enum_to_string.hpp>

#include <algorithm>
#include <csignal>
#include <tuple>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto patience_for_answer = 25ms;

/// The task's program can be reached for as long as it is there, however its run ends.
class Reachable {
   public:
    Reachable(Task& task, RunningProgram& program) : task_(task) { task_.program = &program; }
    ~Reachable() { task_.program = nullptr; }
    Reachable(const Reachable&) = delete;
    Reachable& operator=(const Reachable&) = delete;

   private:
    Task& task_;
};

}  // namespace

/// A run, what it reads and where it writes.
struct Executions::UnderWay {
    UnderWay(const asio::any_io_executor& executor, const ExecutionServices& services, PreparedCode code,
             OutputReader* reader)
        : io(std::move(code.input), reader, code.source),
          run(executor, services.engine, io, std::move(code.request), services.endpoint, services.pool,
              services.own.cache)
    {
    }

    asio::awaitable<Result<RunResult>> execute(Task& task)
    {
        const Reachable reachable(task, run);
        co_return co_await run.execute();
    }

    TaskIo io;
    Run run;
};

namespace {

constexpr std::size_t kept_output_bytes = std::size_t{1} << 20;  // of each stream, for the record

ExecutionTimes times_of(const Task& task)
{
    const std::chrono::milliseconds now = record_time();
    return {.queue = task.started.value_or(now) - task.created, .total = now - task.created};
}

bool matches(const StoredExecution& execution, const ExecutionQuery& query)
{
    return query.owner.value_or(execution.owner) == execution.owner &&
           query.state.value_or(execution.state) == execution.state &&
           query.language.value_or(execution.language) == execution.language &&
           query.dialect.value_or(execution.dialect) == execution.dialect && !query.sandbox;
}

/// Puts what is under way in its place of the list: what the store has of it is from its beginning.
void merge(ExecutionPage& page, const std::vector<std::shared_ptr<Task>>& under_way, const ExecutionQuery& query)
{
    const auto place = [](const StoredExecution& execution) { return std::tie(execution.created, execution.id); };
    const std::optional<ExecutionPosition> after = position_of(query.cursor);
    const std::optional<ExecutionPosition> last = position_of(page.next);
    std::vector<StoredExecution>& all = page.executions;
    for (const auto& task : under_way) {
        std::erase_if(all, [&](const StoredExecution& execution) { return execution.id == task->id; });
        StoredExecution now = stored(*task);
        now.record.clear();
        const bool is_before = last && place(now) < std::tie(last->created, last->id);
        const bool is_after = !after || place(now) < std::tie(after->created, after->id);
        if (matches(now, query) && is_after && !is_before) all.push_back(std::move(now));
    }
    std::ranges::sort(all, [&](const StoredExecution& a, const StoredExecution& b) { return place(b) < place(a); });
    if (all.size() <= query.limit) return;
    all.resize(query.limit);
    page.next = cursor_of(all.back());
}

}  // namespace

StoredExecution stored(const Task& task)
{
    StoredExecution execution;
    execution.id = task.id;
    execution.owner = task.caller.key;
    execution.language = task.language->name;
    execution.dialect = task.dialect;
    execution.state = task.state;
    execution.created = task.created;
    execution.started = task.started;
    execution.extra = task.part.extra;
    if (!task.result) return execution;
    execution.ended = task.ended;
    if (*task.result) {
        execution.reason = (*task.result)->execution.reason;
        execution.exit_code = (*task.result)->execution.exit_code;
        execution.record = dump(json_of(**task.result));
    } else {
        execution.record = dump(failure_json(task.result->error()));
    }
    return execution;
}

std::shared_ptr<Task> Executions::start(PreparedCode code, Caller caller, std::string dialect, OutputReader* reader,
                                        DialectPart part)
{
    auto task = std::make_shared<Task>(executor_);
    task->id = new_execution_id();
    task->caller = std::move(caller);
    task->dialect = std::move(dialect);
    task->language = code.language;
    task->part = std::move(part);
    tasks_[task->id] = task;
    auto finished = [this, task](const std::exception_ptr& thrown, Result<RunResult> result) {
        finish(task, thrown, std::move(result));
    };
    asio::co_spawn(executor_, work(task, std::move(code), reader),
                   asio::bind_cancellation_slot(task->stop.slot(), std::move(finished)));
    return task;
}

void Executions::finish(const std::shared_ptr<Task>& task, const std::exception_ptr& thrown, Result<RunResult> result)
{
    if (thrown && task->cancelled)
        task->result.emplace(Error(Errc::cancelled, "cancelled"));  // what was awaited threw its cancellation
    else if (thrown)
        task->result.emplace(Error(Errc::internal, "an unexpected failure", "this is a bug: please report it"));
    else
        task->result.emplace(std::move(result));
    task->state = task->cancelled ? ExecutionState::cancelled : ExecutionState::ended;
    task->ended = record_time();
    if (task->part.on_end) task->part.on_end(*task);
    services_.metrics.count_code(task->language->name, *task->result, times_of(*task));
    add_spans(*task);
    if (task->started) publish("execution.ended", *task);
    // What was never let in is not remembered: a flood would fill the store.
    if (task->started || task->stored) {
        auto writing = services_.store.end_execution([task] { return stored(*task); }, !task->stored);
        asio::co_spawn(executor_, std::move(writing), asio::detached);
    }
    tasks_.erase(task->id);
    task->changed.notify_all();
    changed_.notify_all();
}

void Executions::publish(std::string_view type, const Task& task) const
{
    nlohmann::ordered_json what;
    what["id"] = task.id;
    what["language"] = task.language->name;
    what["dialect"] = task.dialect;
    what["state"] = boost::describe::enum_to_string(task.state, "?");
    if (task.result && *task.result) {
        const Execution& execution = (*task.result)->execution;
        what["reason"] = boost::describe::enum_to_string(execution.reason, "?");
        if (execution.exit_code) what["exit_code"] = *execution.exit_code;
    } else if (task.result) {
        what.update(failure_json(task.result->error()));
    }
    services_.events.publish(type, task.caller.key, what);
}

/// The execution, and in it the wait for its turn and the time in the sandbox.
void Executions::add_spans(const Task& task) const
{
    if (!services_.traces.is_on() || task.trace.trace_id.empty() || !task.trace.is_recorded) return;
    const auto at = [](std::chrono::milliseconds time) { return std::chrono::system_clock::time_point(time); };
    Span whole;
    whole.trace_id = task.trace.trace_id;
    whole.span_id = random_hex(8);
    whole.parent_id = task.trace.span_id;
    whole.name = "execution";
    whole.begin = at(task.created);
    whole.end = std::chrono::system_clock::now();
    whole.attributes = {{"sbx.execution_id", task.id}, {"sbx.language", std::string(task.language->name)}};
    whole.has_failed = !*task.result;
    Span queue = whole;
    queue.span_id = random_hex(8);
    queue.parent_id = whole.span_id;
    queue.name = "queue";
    queue.end = task.started ? at(*task.started) : whole.end;
    queue.attributes.clear();
    queue.has_failed = false;
    if (*task.result) {
        const Execution& execution = (*task.result)->execution;
        whole.attributes.emplace_back("sbx.reason", boost::describe::enum_to_string(execution.reason, "?"));
        whole.attributes.emplace_back("sbx.path", boost::describe::enum_to_string(execution.path, "?"));
        if (execution.exit_code) whole.attributes.emplace_back("sbx.exit_code", *execution.exit_code);
        Span sandbox = queue;
        sandbox.span_id = random_hex(8);
        sandbox.name = "sandbox";
        sandbox.begin = execution.start_time;
        sandbox.end = execution.end_time;
        services_.traces.add(std::move(sandbox));
    }
    services_.traces.add(std::move(queue));
    services_.traces.add(std::move(whole));
}

/// @return a place for as long as it works
asio::awaitable<Result<Admission::Place>> Executions::enter_queue(std::shared_ptr<Task> task)
{
    if (task->part.queue == nullptr) co_return Admission::Place();
    std::string key = task->caller.key;
    co_return co_await task->part.queue->enter(std::move(key), std::nullopt);
}

asio::awaitable<Result<RunResult>> Executions::work(std::shared_ptr<Task> task, PreparedCode code, OutputReader* reader)
{
    const Result<Admission::Place> turn = co_await enter_queue(task);
    if (!turn) co_return turn.error();
    std::string key = task->caller.key;
    const std::optional<std::size_t> most = services_.store.quota_of(key).max_concurrent;
    Result<Admission::Place> place = co_await services_.admission.enter(std::move(key), most);
    if (!place) co_return place.error();
    task->state = ExecutionState::running;
    task->started = record_time();
    publish("execution.started", *task);
    task->changed.notify_all();
    co_return co_await run(task, std::move(code), reader);
}

asio::awaitable<Result<RunResult>> Executions::run(std::shared_ptr<Task> task, PreparedCode code, OutputReader* reader)
{
    std::string named = code.image.value_or("");
    const Result<ChosenImage> image = co_await services_.images.get(*code.language, std::move(named), code.home);
    if (!image) co_return image.error();
    task->image = image->reference;
    RunRequest& request = code.request;
    request.execution_id = task->id;
    request.image = image->info;
    request.image_name = image->reference;
    request.kept_output_bytes = kept_output_bytes;
    identify(request, services_.instance, *code.language, code.preload);
    if (!code.libraries.empty()) {
        LibraryPlace place{services_.engine, services_.endpoint, image->info, image->reference};
        InstallPolicy policy = install_policy(services_.settings, process_environment());
        const Result<MountedLibraries> libraries = co_await ensure_libraries(
            std::move(place), code.libraries, std::move(policy), services_.own, std::function<void()>());
        if (!libraries) co_return libraries.error();
        use_libraries(request, code.libraries, *libraries);
    }
    services_.pool.expect(request, std::string(code.language->name));
    auto under_way = std::make_unique<UnderWay>(executor_, services_, std::move(code), reader);
    Result<RunResult> result = co_await under_way->execute(*task);
    if (result) {
        result->execution.execution_id = task->id;
        result->execution.image = image->reference;
        result->execution.image_digest = image->info.id;
    }
    asio::co_spawn(executor_, let_go(std::move(under_way)), asio::detached);
    co_return result;
}

asio::awaitable<void> Executions::let_go(std::unique_ptr<UnderWay> over)
{
    ++leaving_;
    asio::steady_timer moment(executor_, patience_for_answer);
    co_await moment.async_wait(asio::use_awaitable);
    over.reset();
    --leaving_;
    changed_.notify_all();
}

asio::awaitable<Result<void>> Executions::remember(std::shared_ptr<Task> task)
{
    task->stored = true;
    co_return co_await services_.store.add_execution(stored(*task));
}

asio::awaitable<Result<StoredExecution>> Executions::look_up(std::string id, Caller caller) const
{
    const auto task = find(id);
    if (task && caller.owns(task->caller.key)) co_return stored(*task);
    std::optional<std::string> owner;
    if (!caller.is_operator) owner = caller.key;
    co_return co_await services_.store.find_execution(std::move(id), std::move(owner));
}

asio::awaitable<Result<ExecutionPage>> Executions::list(ExecutionQuery query) const
{
    // Whichever of them end meanwhile may not be in the store yet.
    std::vector<std::shared_ptr<Task>> under_way;
    for (const auto& [id, task] : tasks_) under_way.push_back(task);
    ExecutionQuery remembered = query;
    Result<ExecutionPage> page = co_await services_.store.list_executions(std::move(remembered));
    if (page) merge(*page, under_way, query);
    co_return page;
}

asio::awaitable<void> Executions::wait(std::shared_ptr<Task> task)
{
    while (!task->result) co_await task->changed.wait(std::nullopt);
}

void Executions::stop(Task& task, bool now)
{
    if (task.result) return;
    const bool again = std::exchange(task.cancelled, true);
    if (task.program != nullptr && task.program->signal(SIGTERM)) {
        if (now && !again) task.program->signal(SIGTERM);
        return;
    }
    task.stop.emit(asio::cancellation_type::terminal);
}

std::shared_ptr<Task> Executions::find(const std::string& id) const
{
    const auto at = tasks_.find(id);
    return at == tasks_.end() ? nullptr : at->second;
}

asio::awaitable<void> Executions::close(std::chrono::milliseconds patience)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!tasks_.empty() && std::chrono::steady_clock::now() < deadline) co_await changed_.wait(deadline);
    const auto left = tasks_;
    for (const auto& [id, task] : left) stop(*task, true);
    while (!tasks_.empty() || leaving_ > 0) co_await changed_.wait(std::nullopt);
}

}  // namespace sbx::daemon
