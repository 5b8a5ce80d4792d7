#pragma once

#include "core/sandbox/run.hpp"
#include "daemon/http/access_record.hpp"
#include "daemon/metrics/metric_family.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace sbx::daemon {

/// What was executed, as a label.
enum class ExecutionKind {
    code,     ///< once, in a sandbox of its own
    kernel,   ///< in a sandbox's kernel
    process,  ///< a program in a sandbox that stays
};
BOOST_DESCRIBE_ENUM(ExecutionKind, code, kernel, process)

/// Where the time of an execution went, beside its program.
struct ExecutionTimes {
    std::chrono::milliseconds queue{0};
    std::chrono::milliseconds total{0};  ///< `queue` included
};

/// What the daemon counts. Labels are words of a bounded number: none comes from a caller. One thread.
class Metrics {
   public:
    Metrics();

    void count_request(const AccessRecord& record);
    /// @param language  as the table of languages has it; empty: a program
    void count_execution(ExecutionKind kind, std::string_view language, const Result<RunResult>& result);
    /// The same of code in a sandbox of its own, with the times around its program.
    void count_code(std::string_view language, const Result<RunResult>& result, const ExecutionTimes& times);
    /// @param status  0: there was no answer
    void count_engine_call(std::string_view method, std::string_view path, unsigned status,
                           std::chrono::microseconds duration);

    void write(std::string& text) const;

   private:
    void observe(ExecutionKind kind, std::string_view phase, std::chrono::milliseconds time);

    CounterFamily requests_;
    HistogramFamily request_seconds_;
    CounterFamily refused_;
    CounterFamily bytes_;
    CounterFamily executions_;
    HistogramFamily execution_seconds_;
    CounterFamily limits_;
    CounterFamily engine_calls_;
    CounterFamily engine_errors_;
    HistogramFamily engine_seconds_;
};

}  // namespace sbx::daemon
