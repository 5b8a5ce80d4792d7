#pragma once

#include "cli/context.hpp"
#include "daemon/daemon.hpp"

namespace sbx::cli {

/// What the variables say of servers that `--compat` stands for: `EXECUTION_TIMEOUT`, `MAX_CONCURRENT_EXECUTIONS`,
/// `LOG_LEVEL`, `BACKEND_URL`, `BACKEND_TOKEN`, and what interpreter_variables.hpp names. A level that there is not is
/// told of and passed over: the variable is many programs'.
/// @error invalid_argument  no number, or out of range; what backend_of gives
Result<void> read_compat_variables(Context& context, daemon::DaemonOptions& options);

}  // namespace sbx::cli
