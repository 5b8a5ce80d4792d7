#pragma once

#include "daemon/interpreter/interpreter.hpp"

namespace sbx::daemon {

/// What the record says of the program's end.
/// @param limits  of the run, for the words
void tell_end(InterpreterEnd& end, const RunResult& result, const Limits& limits);

/// Why there is no record, where the code or its files are to blame; nothing where we are.
/// @return what stderr says, and the exit code
std::optional<std::pair<std::string, int>> told_to_code(const Error& error, const InterpreterRun& run);

/// Adds a line of ours to what the code wrote.
void add_own_line(std::string& errors, std::string_view line);

}  // namespace sbx::daemon
