#pragma once

#include "daemon/api/field.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::daemon {

/// A call that an exception went through.
struct DebugFrame {
    std::string file;
    std::int64_t line = 0;
    std::string function;
    std::string source;                         ///< of the line
    std::map<std::string, std::string> locals;  ///< texts of values, by name

    bool operator==(const DebugFrame&) const = default;
};
BOOST_DESCRIBE_STRUCT(DebugFrame, (), (file, line, function, source, locals))

struct DebugException {
    std::string type;
    std::string message;
    std::string traceback;
    std::vector<DebugFrame> frames;  ///< outermost first

    bool operator==(const DebugException&) const = default;
};
BOOST_DESCRIBE_STRUCT(DebugException, (), (type, message, traceback, frames))

/// What `runners/python/brainnet.py` tells of the end of code.
struct DebugReport {
    std::map<std::string, std::string> variables_after;  ///< texts of the global variables' values, by name
    std::vector<DebugException> exceptions;              ///< that led to its end, the oldest first
    bool truncated = false;                              ///< there was more than fits

    bool operator==(const DebugReport&) const = default;
};
BOOST_DESCRIBE_STRUCT(DebugReport, (), (variables_after, exceptions, truncated))

inline constexpr std::size_t most_report_bytes = std::size_t{1} << 20;

/// @param text  what came on the program's descriptor 3, where the code itself may have written too
/// @return empty where that has not the form of a report
DebugReport parse_report(std::string_view text);

}  // namespace sbx::daemon
