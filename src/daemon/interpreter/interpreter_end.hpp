#pragma once

#include "daemon/interpreter/interpreter.hpp"

namespace sbx::daemon {

/// What the record says of the program's end.
/// @param limits  of the run, for the words
void tell_end(InterpreterEnd& end, const RunResult& result, const Limits& limits);

/// Tells of a run of which there is no record.
/// @error the same one, unless the code or its files are to blame, or it was ended before it began
Result<void> tell_failure(InterpreterEnd& end, const Error& error, const InterpreterRun& run);

/// Adds a line of ours to what the code wrote.
void add_own_line(std::string& errors, std::string_view line);

}  // namespace sbx::daemon
