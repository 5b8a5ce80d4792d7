#pragma once

#include "cli/context.hpp"
#include "cli/run_options.hpp"

namespace sbx::cli {

/// `eval --variables`: what a kernel of the sandbox, the one operand, holds.
void show_variables(Context& context, const RunOptions& options, const std::string& kernel_context);

}  // namespace sbx::cli
