#pragma once

#include "cli/run_options.hpp"
#include "core/libraries/library_request.hpp"
#include "sbx/language.hpp"
#include "sbx/run.hpp"

#include <nlohmann/json.hpp>

namespace sbx::cli {

/// What a daemon is told of the sandbox that it is to give: what its routes for runs and for sandboxes have in common.
/// @error invalid_argument  the flags ask for what only this machine's engine can be told
Result<nlohmann::json> remote_order(const RunOptions& options, const Language& language,
                                    const LibraryRequest& libraries, const RunRequest& request);

/// The same for `POST /v1/client/runs`.
Result<nlohmann::json> remote_run_order(const RunOptions& options, const Language& language,
                                        const LibraryRequest& libraries, const RunRequest& request);

}  // namespace sbx::cli
