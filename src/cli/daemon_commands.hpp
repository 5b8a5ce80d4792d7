#pragma once

#include "cli/context.hpp"

#include <CLI/CLI.hpp>

namespace sbx::cli {

// Commands about the user's daemon, as those of `commands.hpp`.
void build_daemon_command(CLI::App& command, Context& context);
void build_runs_command(CLI::App& command, Context& context);

}  // namespace sbx::cli
