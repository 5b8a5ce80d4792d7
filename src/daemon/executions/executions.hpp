#pragma once

#include "core/config/directories.hpp"
#include "core/sandbox/run.hpp"
#include "core/sandbox/sandbox_record.hpp"
#include "core/store/store.hpp"
#include "daemon/api/route.hpp"
#include "daemon/events/event_feed.hpp"
#include "daemon/executions/admission.hpp"
#include "daemon/executions/code_order.hpp"
#include "daemon/executions/image_cache.hpp"
#include "daemon/executions/task_io.hpp"
#include "daemon/metrics/metrics.hpp"
#include "daemon/pool/pool.hpp"
#include "daemon/trace/traces.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace sbx::daemon {

struct Task;

/// What a dialect adds to an execution of its own.
struct DialectPart {
    Admission* queue = nullptr;         ///< in which it waits before it waits with all others; outlives the executions
    std::string extra;                  ///< as `StoredExecution` has it
    std::function<void(Task&)> on_end;  ///< sees its result before it is written down; may change `extra`
};

/// A one-off execution and what has become of it.
struct Task {
    explicit Task(const asio::any_io_executor& executor) : changed(executor) {}

    std::string id;
    Caller caller;
    std::string dialect;
    const Language* language = nullptr;
    std::string image;  ///< its name; empty as long as none was chosen
    ExecutionState state = ExecutionState::queued;
    bool cancelled = false;  ///< somebody asked for its end
    bool stored = false;     ///< the store knows of it already
    TraceContext trace;      ///< of the request that asked for it
    std::chrono::milliseconds created = record_time();
    std::optional<std::chrono::milliseconds> started;
    std::optional<std::chrono::milliseconds> ended;
    DialectPart part;
    std::optional<Result<RunResult>> result;  ///< once it has ended
    Condition changed;                        ///< notified when its state changes

    asio::cancellation_signal stop = {};
    RunningProgram* program = nullptr;
};

/// As the store has it.
StoredExecution stored(const Task& task);

/// What every execution of a daemon needs.
struct ExecutionServices {
    Engine& engine;
    std::string endpoint;
    const Settings& settings;
    const Directories& own;
    std::string instance;
    ImageCache& images;
    Admission& admission;
    Pool& pool;
    Store& store;
    Metrics& metrics;
    Traces& traces;
    EventFeed& events;
};

/// The one-off executions that are under way. One thread.
class Executions {
   public:
    Executions(const asio::any_io_executor& executor, ExecutionServices services)
        : executor_(executor), services_(std::move(services)), changed_(executor)
    {
    }

    /// Begins one.
    /// @param reader  outlives it; nullptr: its output goes into the record alone
    std::shared_ptr<Task> start(PreparedCode code, Caller caller, std::string dialect, OutputReader* reader,
                                DialectPart part = {});
    /// Writes down that it is under way: whoever asks for it later shall find it, even if the daemon dies.
    asio::awaitable<Result<void>> remember(std::shared_ptr<Task> task);

    /// Waits for its end.
    static asio::awaitable<void> wait(std::shared_ptr<Task> task);
    /// Asks it to end: politely first, at once where it was asked before or `now` says so.
    static void stop(Task& task, bool now);

    /// One that is under way, whoever asks.
    std::shared_ptr<Task> find(const std::string& id) const;
    const std::map<std::string, std::shared_ptr<Task>>& all() const { return tasks_; }
    /// One that is under way or remembered, as far as the caller may see it.
    /// @error not_found
    asio::awaitable<Result<StoredExecution>> look_up(std::string id, Caller caller) const;
    /// Those that are under way and those that are remembered, without their records.
    /// @pre no offset: only a cursor leads on where what is under way comes and goes
    asio::awaitable<Result<ExecutionPage>> list(ExecutionQuery query) const;

    /// Ends all, and waits for it.
    asio::awaitable<void> close(std::chrono::milliseconds patience);

   private:
    struct UnderWay;

    static asio::awaitable<Result<Admission::Place>> enter_queue(std::shared_ptr<Task> task);
    asio::awaitable<Result<RunResult>> work(std::shared_ptr<Task> task, PreparedCode code, OutputReader* reader);
    asio::awaitable<Result<RunResult>> run(std::shared_ptr<Task> task, PreparedCode code, OutputReader* reader);
    /// When a run lets go of its sandbox, the agent and the engine have something to do: whoever waits for its result
    /// comes first.
    asio::awaitable<void> let_go(std::unique_ptr<UnderWay> over);
    void add_spans(const Task& task) const;
    void publish(std::string_view type, const Task& task) const;
    void finish(const std::shared_ptr<Task>& task, const std::exception_ptr& thrown, Result<RunResult> result);

    asio::any_io_executor executor_;
    ExecutionServices services_;
    std::map<std::string, std::shared_ptr<Task>> tasks_;
    std::size_t leaving_ = 0;  ///< runs that are over and have their sandbox yet
    Condition changed_;
};

}  // namespace sbx::daemon
