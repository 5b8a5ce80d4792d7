#pragma once

#include "core/sandbox/sandbox_record.hpp"
#include "daemon/api/route.hpp"
#include "daemon/executions/limits_wish.hpp"
#include "sbx/run.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace sbx::daemon {

/// What a program, or code, of a sandbox that lives is run with: what belongs to the sandbox was settled when it was
/// made.
/// @param environment  beside the sandbox's own
/// @param timeout      instead of the sandbox's wall_ms
/// @error invalid_argument
Result<RunRequest> session_request(const SandboxRecord& sandbox, const std::map<std::string, std::string>& environment,
                                   std::optional<std::chrono::milliseconds> timeout, const Caller& caller);

}  // namespace sbx::daemon
