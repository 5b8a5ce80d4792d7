#pragma once

#include "daemon/interpreter/interpreter.hpp"
#include "daemon/interpreter/tool_channel.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sbx::daemon {

/// Code that calls tools of its caller.
struct ToolOrder {
    InterpreterOrder code;
    std::vector<std::string> tools;  ///< their names
    nlohmann::json descriptions;     ///< the list of tools as it came
    std::string dialect;             ///< in which it was said
};

/// An execution stops here until its caller has done these.
struct ToolCalls {
    std::string token;
    std::string session;
    std::vector<ToolCall> calls;
};

/// It has ended.
struct ToolEnd {
    InterpreterEnd end;
    std::string error;  ///< empty: it has come to its end; else one of the texts that clients know
};

using ToolAnswer = std::variant<ToolCalls, ToolEnd>;

/// Executions that call tools: each is one process from its start to its end, which waits while its caller does what it
/// asked for. One thread.
class ToolRuns {
   public:
    using Clock = std::chrono::steady_clock;

    /// @param interpreter, executions  outlive this
    ToolRuns(const asio::any_io_executor& executor, Interpreter& interpreter, Executions& executions)
        : executor_(executor), interpreter_(interpreter), executions_(executions), changed_(executor)
    {
    }

    /// @param request_id  by which the request can be cancelled; empty: it cannot
    /// @error as Interpreter::run; invalid_argument  tools whose names do not go together
    asio::awaitable<Result<ToolAnswer>> start(Exchange& exchange, ToolOrder order, Caller caller,
                                              std::string request_id);
    /// @error invalid_argument  no token, or a call that never was
    /// @error not_found         there is no such execution, it has ended, or it is another's
    /// @error conflict          it has not stopped
    asio::awaitable<Result<ToolAnswer>> resume(Exchange& exchange, std::string token, std::vector<ToolResult> results,
                                               Caller caller, std::string request_id);
    /// Ends the execution of any of its requests; one that is still to come is ended then.
    /// @error not_found  there is none
    Result<void> cancel(const std::string& request_id, const Caller& caller);

    /// Ends all that wait for their callers.
    void close();

   private:
    struct Run;

    Result<void> prepare(InterpreterRun& run, const ToolOrder& order, Run& made) const;
    asio::awaitable<Result<ToolAnswer>> go_on(Exchange& exchange, std::shared_ptr<Run> run, std::string request_id);
    asio::awaitable<void> wait_for_stop(std::shared_ptr<Run> run);
    asio::awaitable<Result<ToolAnswer>> answer(std::shared_ptr<Run> run);
    asio::awaitable<void> end_unasked(std::shared_ptr<Run> run);
    void note_request(Run& run, const std::string& request_id, const Caller& caller);

    asio::any_io_executor executor_;
    Interpreter& interpreter_;
    Executions& executions_;
    Condition changed_;
    std::map<std::string, std::shared_ptr<Run>> runs_;  ///< by token
    using Owner = std::pair<std::string, std::string>;
    std::map<std::pair<Owner, std::string>, Clock::time_point> cancelled_;  ///< owner and id of requests to come
};

}  // namespace sbx::daemon
