#pragma once

#include "cli/context.hpp"
#include "cli/library_flags.hpp"
#include "cli/run_environment.hpp"
#include "cli/run_source.hpp"
#include "core/sandbox/sandbox_record.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sbx::cli {

/// The flags of `run` as typed.
struct RunOptions {
    SourceWords source;
    std::string template_word;  ///< --template
    Variables template_variables;
    std::filesystem::path dockerfile;  ///< of the template
    std::vector<std::string> preload;  ///< likewise
    std::string start;                 ///< of the template: what a sandbox that stays starts with
    std::optional<std::string> image;
    std::map<std::string, std::string> settings;  ///< flags that are settings, text by key
    std::string network;                          ///< empty: what `allow` means
    std::vector<std::string> allow;
    std::vector<std::string> files;
    std::vector<std::string> outputs;
    std::string artifacts;
    std::string work_directory;
    std::vector<std::string> variables;
    std::vector<std::string> variable_files;
    std::vector<std::string> labels;
    LibraryFlags libraries;
    bool terminal = false;
    bool no_terminal = false;
    bool interactive = false;
    bool quiet = false;
    bool timing = false;
    bool no_pool = false;
    bool debug = false;
};

void add_run_options(CLI::App& command, RunOptions& options, Context& context);
/// Those of them that make a sandbox.
void add_create_options(CLI::App& command, RunOptions& options, Context& context);
/// Those of them that make a sandbox for a shell.
void add_shell_options(CLI::App& command, RunOptions& options, Context& context);
/// The same without --lang.
void add_repl_options(CLI::App& command, RunOptions& options, Context& context);
/// Those of them that belong to one program.
void add_exec_options(CLI::App& command, RunOptions& options, Context& context);
/// Those of them that hold for each job of a batch.
void add_batch_options(CLI::App& command, RunOptions& options, Context& context);

/// Those of them that belong to one execution of a kernel.
void add_eval_options(CLI::App& command, RunOptions& options, Context& context);

/// What the words say, before any engine is asked.
/// @error not_found, permission_denied, invalid_argument  nothing has been created yet
Result<RunRequest> build_request(const RunOptions& options, const Settings& settings, const Source& source);
/// The same for a sandbox that lives on: what belongs to it was settled when it was made.
Result<RunRequest> build_session_request(const RunOptions& options, const Settings& settings, const Source& source,
                                         const SandboxRecord& sandbox);

}  // namespace sbx::cli
