#pragma once

#include "cli/context.hpp"
#include "cli/run_options.hpp"
#include "core/sandbox/sandbox_record.hpp"

#include <string>

namespace sbx::cli {

/// How a sandbox is called and how long it lives, as typed.
struct SandboxLife {
    std::string name;  ///< may be empty
    std::string time = "1h";
    std::string idle = "none";
};

/// Makes a sandbox that outlives this command: it runs, with its files and its template's command. Nothing is left when
/// that fails.
Result<SandboxRecord> make_sandbox(Context& context, RunOptions& options, const SandboxLife& life);

/// Ends it at once and forgets it, as far as that can be done.
void remove_sandbox(const Context& context, const SandboxRecord& record);

}  // namespace sbx::cli
