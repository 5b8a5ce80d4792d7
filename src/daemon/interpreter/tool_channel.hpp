#pragma once

#include "core/sandbox/condition.hpp"
#include "daemon/executions/task_io.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sbx::daemon {

/// A call of a tool that code waits for.
struct ToolCall {
    std::string id;  ///< call_001
    std::string name;
    nlohmann::json input;
};

/// What a tool came to.
struct ToolResult {
    std::string call_id;
    nlohmann::json result;
    bool is_error = false;
    std::string error_message;
};

/// The two ends of a program that calls tools: calls come as lines of JSON on its descriptor 3, results go as lines to
/// its stdin. The program is not trusted: what has not the form ends it.
class ToolChannel : public OutputReader, public InputSource {
   public:
    using Clock = std::chrono::steady_clock;

    /// @param tools  names that may be called
    ToolChannel(const boost::asio::any_io_executor& executor, std::set<std::string> tools)
        : changed_(executor), tools_(std::move(tools))
    {
    }

    boost::asio::awaitable<Result<void>> on_output(OutputStream /*stream*/, std::span<const char> /*bytes*/) override
    {
        co_return Result<void>();
    }
    void on_report(std::span<const char> bytes) override;
    boost::asio::awaitable<Result<std::size_t>> read(std::span<char> into) override;
    void stop() override;

    /// Calls that were made and not handed out yet.
    const std::vector<ToolCall>& pending() const { return pending_; }
    /// When the last of them came.
    Clock::time_point last_call() const { return last_call_; }
    /// Hands them out.
    std::vector<ToolCall> take();
    /// Answers calls that were handed out; those that stay without an answer are pending again.
    /// @error invalid_argument  there was no such call; nothing was answered
    Result<void> answer(const std::vector<ToolResult>& results);

    /// Why the program must be ended, in words for its caller; nothing as long as it keeps to the form.
    const std::optional<std::string>& fault() const { return fault_; }
    /// Notified of calls and faults.
    Condition& changed() { return changed_; }

   private:
    void take_line(std::string_view line);
    void refuse(std::string why);

    Condition changed_;
    std::set<std::string> tools_;
    std::string coming_;  ///< a line whose end has not come
    std::string going_;   ///< results that the program has not read
    bool stopped_ = false;
    std::vector<ToolCall> pending_;
    std::vector<ToolCall> out_;   ///< handed out, without an answer
    std::set<std::string> seen_;  ///< ids of all
    Clock::time_point last_call_;
    std::optional<std::string> fault_;
};

}  // namespace sbx::daemon
