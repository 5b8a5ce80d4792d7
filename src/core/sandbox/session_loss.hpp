#pragma once

#include "core/sandbox/exit_record.hpp"
#include "core/sandbox/sandbox_record.hpp"

#include <string>

namespace sbx {

/// Fills in how a phase ended whose sandbox, or its keeper, went away under it: the keeper wrote down why before it let
/// us go.
void record_session_loss(const SandboxStore& store, const std::string& sandbox, const PhaseEnd& end, RunResult& result);

/// Who was lost where nothing says that the sandbox has ended: its keeper, or the daemon that keeps it, which is asked
/// once more; what it says is in the store then.
std::string lost_keeper(const SandboxStore& store);

}  // namespace sbx
