#pragma once

#include "daemon/debugging/debug_result.hpp"
#include "daemon/executions/executions.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sbx::daemon {

/// Python code that a caller wants to be run and told of.
struct DebugOrder {
    std::string code;
    std::optional<std::string> processor_id;      ///< stays with the result
    std::map<std::string, nlohmann::json> input;  ///< the code's variable `input_data`
    std::optional<std::chrono::seconds> timeout;  ///< absent: the usual one
    bool debug_mode = false;                      ///< its variables and its exceptions are told too
};

struct DebugBounds {
    std::chrono::seconds timeout{60};  ///< where an order names none
    std::size_t concurrent = 10;       ///< more wait their turn
    std::size_t waiting = 256;         ///< of one key
};

/// What has been since the daemon's start, and what is now.
struct DebugStatistics {
    std::uint64_t total = 0;
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
    std::uint64_t timed_out = 0;
    std::uint64_t cancelled = 0;
    std::chrono::milliseconds time{0};  ///< of those that have ended
    std::uint64_t working = 0;
    std::uint64_t waiting = 0;
};

struct DebugPage {
    std::vector<DebugResult> results;  ///< newest first
    std::uint64_t total = 0;           ///< that the caller may see
};

/// Executions of the dialect brainnet: each in a sandbox of its own, told of in detail, and known by its id for as long
/// as the store remembers executions. One thread.
class DebugRuns {
   public:
    /// @param executions, store, settings  outlive this
    DebugRuns(const asio::any_io_executor& executor, Executions& executions, Store& store, const Settings& settings,
              DebugBounds bounds);

    /// The most that an order may name.
    std::chrono::seconds longest_timeout() const;

    /// Begins one and writes down that it is under way.
    /// @param trace  of the request that asked for it
    /// @error resource_exhausted  too many of the caller's wait already
    /// @error unavailable         the store does not take it
    asio::awaitable<Result<std::shared_ptr<Task>>> start(DebugOrder order, Caller caller, TraceContext trace);
    /// Waits for its end, so long at most. It goes on whoever waits.
    /// @error what sbx could not do; what became of the code is a result
    static asio::awaitable<Result<DebugResult>> wait(std::shared_ptr<Task> task, std::chrono::milliseconds patience);

    /// @param id  as a client writes it
    /// @error not_found  there is none, or it is another's
    asio::awaitable<Result<DebugResult>> find(std::string id, Caller caller) const;
    /// @param limit  1 to 100
    asio::awaitable<Result<DebugPage>> list(std::size_t offset, std::size_t limit, Caller caller) const;
    /// Ends one at once; one that waits never starts. One that has ended stays as it is.
    /// @return what it has come to, and whether this ended it
    /// @error not_found
    asio::awaitable<Result<std::pair<DebugResult, bool>>> cancel(std::string id, Caller caller) const;

    DebugStatistics statistics() const;

   private:
    Result<PreparedCode> prepared(DebugOrder order, const Caller& caller) const;
    /// @param limits  that it ran under
    void conclude(Task& task, const Limits& limits, DebugExtra extra);
    void count(const Task& task);

    Executions& executions_;
    Store& store_;
    const Settings& settings_;
    DebugBounds bounds_;
    Admission queue_;
    DebugStatistics counted_;
};

}  // namespace sbx::daemon
