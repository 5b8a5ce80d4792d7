#pragma once

#include "core/sandbox/run.hpp"
#include "daemon/api/schema.hpp"

namespace sbx::daemon {

/// What sbx could not do, as the command line's `--json` has it.
nlohmann::ordered_json failure_json(const Error& error);

/// The result record (DESIGN §5), flat, and `explanation` beside it: why sbx ended the program, with the next step.
template <>
struct JsonForm<RunResult> {
    static constexpr const char* name = "Execution";
    static Schemas::Json schema(Schemas& schemas);
    static nlohmann::ordered_json write(const RunResult& result);
};

}  // namespace sbx::daemon
