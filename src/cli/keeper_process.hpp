#pragma once

#include "cli/context.hpp"
#include "core/sandbox/sandbox_record.hpp"

namespace sbx::cli {

/// The first word of a keeper's command line; nobody types it.
inline constexpr const char* keeper_word = "__keeper";

/// The sandboxes of this user.
SandboxStore sandbox_store(const Context& context);

/// The settings that lead to the engine of this sandbox.
Result<Settings> settings_of(const Context& context, const SandboxRecord& record);

/// Starts the keeper of a sandbox, a process of its own, and waits until the sandbox can be used.
/// @error what Keeper gives; the keeper has ended then
Result<void> start_keeper(const Context& context, const SandboxRecord& record);

/// Is that process.
/// @param id  of the sandbox
void be_keeper(Context& context, const std::string& id);

}  // namespace sbx::cli
