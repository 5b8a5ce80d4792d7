#pragma once

#include "cli/context.hpp"
#include "cli/run_options.hpp"
#include "cli/standby_order.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace sbx::cli {

/// `--template`, for a command that makes sandboxes.
void add_template_flag(CLI::App& command, std::string& into);

/// Puts what the template says where no flag says anything.
/// @error invalid_argument  there is no such template, or it is wrong
Result<void> apply_template(RunOptions& options, const Context& context);
Result<void> apply_template(StandbyFlags& flags, const Context& context);

}  // namespace sbx::cli
