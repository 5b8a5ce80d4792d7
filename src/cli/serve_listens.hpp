#pragma once

#include "cli/serve_flags.hpp"
#include "core/config/directories.hpp"
#include "daemon/daemon.hpp"

#include <vector>

namespace sbx::cli {

/// Where `sbx serve` listens, and for which dialects: what systemd has opened for it and what `--listen` names; without
/// either the usual places, and with `--compat` those of the servers that it stands for.
/// @error invalid_argument  no address, no dialect, or one place twice
Result<std::vector<daemon::Listen>> read_listens(const ServeOptions& options, Context& context, const Directories& own);

}  // namespace sbx::cli
