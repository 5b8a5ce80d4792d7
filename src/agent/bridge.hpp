#pragma once

namespace sbx::agent {

/// `agent connect`, which an engine runs beside the agent: carries bytes between its own stdin and stdout and the
/// agent's socket until either side ends.
/// @return the exit code
int run_bridge();

}  // namespace sbx::agent
