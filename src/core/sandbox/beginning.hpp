#pragma once

#include "core/sandbox/agent_link.hpp"
#include "sbx/run.hpp"

#include <string>

namespace sbx {

/// What a new sandbox that stays begins with: its files, and a command in the background, which has the request's
/// variables and starts in its directory. That is made where it is missing, below /work and /tmp.
/// @param command  a line for the image's `sh`; may be empty
/// @error what put_files and start_detached give
asio::awaitable<Result<void>> begin_with(AgentLink& link, RunRequest request, std::string command);

/// Whether that would do anything.
bool begins_with_something(const RunRequest& request, const std::string& command);

}  // namespace sbx
