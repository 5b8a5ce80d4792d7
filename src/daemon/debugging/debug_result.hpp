#pragma once

#include "core/sandbox/run.hpp"
#include "core/store/execution_log.hpp"
#include "daemon/api/field.hpp"
#include "daemon/debugging/debug_report.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::daemon {

/// `running`: under way, its wait for a turn included.
enum class DebugStatus { running, completed, failed, timeout, cancelled };
BOOST_DESCRIBE_ENUM(DebugStatus, running, completed, failed, timeout, cancelled)

/// A report, and the streams of the code beside it.
struct DebugInfo {
    std::map<std::string, std::string> variables_after;
    std::vector<DebugException> exceptions;
    std::string stdout;
    std::string stderr;
    bool truncated = false;  ///< as the report's
};
BOOST_DESCRIBE_STRUCT(DebugInfo, (), (variables_after, exceptions, stdout, stderr, truncated))

/// Code that was run to be told of, as its clients see it.
struct DebugResult {
    std::string execution_id;  ///< a UUID
    DebugStatus status = DebugStatus::running;
    std::string output;  ///< its stdout; empty until it has ended
    std::optional<std::string> error;
    std::optional<DebugInfo> debug_info;  ///< absent where it was not asked for
    std::string start_time;               ///< ISO 8601, UTC
    std::optional<std::string> end_time;
    std::optional<double> execution_time;  ///< seconds
    std::string stderr;
    std::optional<std::string> processor_id;
};
BOOST_DESCRIBE_STRUCT(DebugResult, (),
                      (execution_id, status, output, error, debug_info, start_time, end_time, execution_time, stderr,
                       processor_id))

/// What the store keeps of it beside the record of its run.
struct DebugExtra {
    std::optional<std::string> processor_id;
    bool debug_mode = false;
    std::optional<std::string> error;
    DebugReport report;

    bool operator==(const DebugExtra&) const = default;
};
BOOST_DESCRIBE_STRUCT(DebugExtra, (), (processor_id, debug_mode, error, report))

/// A report that the store does not take is left out, and said to be truncated.
std::string write_extra(DebugExtra extra);

/// Why the code came to a bad end, in one sentence; absent after a good one.
/// @param limits  that it ran under
std::optional<std::string> error_of(const RunResult& result, const Limits& limits, const DebugReport& report);

/// The last exception that a traceback at the end of `text` tells of, `NameError: name 'x' is not defined`; empty where
/// there is none.
std::string last_exception(std::string_view text);

DebugStatus status_of(const StoredExecution& stored);
DebugResult result_of(const StoredExecution& stored);

/// Unix milliseconds as ISO 8601 in UTC, with a fraction where that is not zero.
std::string time_text(std::chrono::milliseconds time);

/// An id as a UUID is written, and the digits of it.
std::string uuid_of(std::string_view digits);
/// @return absent where it is no UUID
std::optional<std::string> digits_of(std::string_view uuid);

}  // namespace sbx::daemon
