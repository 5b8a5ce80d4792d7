#pragma once

#include "cli/context.hpp"

#include <CLI/CLI.hpp>

namespace sbx::cli {

// One function a command, each in its own `<name>_command.cpp`: it declares options, examples and the callback.
void build_allow_command(CLI::App& command, Context& context);
void build_batch_command(CLI::App& command, Context& context);
void build_bench_command(CLI::App& command, Context& context);
void build_cache_command(CLI::App& command, Context& context);
void build_completion_command(CLI::App& command, Context& context);
void build_config_command(CLI::App& command, Context& context);
void build_cp_command(CLI::App& command, Context& context);
void build_create_command(CLI::App& command, Context& context);
void build_deny_command(CLI::App& command, Context& context);
void build_doctor_command(CLI::App& command, Context& context);
void build_eval_command(CLI::App& command, Context& context);
void build_exec_command(CLI::App& command, Context& context);
void build_extend_command(CLI::App& command, Context& context);
void build_files_command(CLI::App& command, Context& context);
void build_image_command(CLI::App& command, Context& context);
void build_inspect_command(CLI::App& command, Context& context);
void build_key_command(CLI::App& command, Context& context);
void build_kill_command(CLI::App& command, Context& context);
void build_lang_command(CLI::App& command, Context& context);
void build_logs_command(CLI::App& command, Context& context);
void build_ls_command(CLI::App& command, Context& context);
void build_pause_command(CLI::App& command, Context& context);
void build_pool_command(CLI::App& command, Context& context);
void build_port_command(CLI::App& command, Context& context);
void build_prune_command(CLI::App& command, Context& context);
void build_ps_command(CLI::App& command, Context& context);
void build_repl_command(CLI::App& command, Context& context);
void build_resume_command(CLI::App& command, Context& context);
void build_rm_command(CLI::App& command, Context& context);
void build_run_command(CLI::App& command, Context& context);
void build_serve_command(CLI::App& command, Context& context);
void build_shell_command(CLI::App& command, Context& context);
void build_stats_command(CLI::App& command, Context& context);
void build_stop_command(CLI::App& command, Context& context);
void build_version_command(CLI::App& command, Context& context);
void build_wait_command(CLI::App& command, Context& context);

}  // namespace sbx::cli
