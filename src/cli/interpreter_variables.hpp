#pragma once

#include "cli/context.hpp"
#include "daemon/daemon.hpp"

namespace sbx::cli {

/// What the variables say of the code interpreter: `CI_*` of the server that it stands for, `CODEAPI_JWT_*` of the
/// tokens (docs/dialects.md, "Management").
/// @error invalid_argument  no number, out of range, no word that counts; keys for tokens that are none
Result<void> read_interpreter_variables(const Context& context, daemon::InterpreterOptions& options);

}  // namespace sbx::cli
