#pragma once

#include "core/docker/client.hpp"
#include "sbx/engine.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace sbx::cli {

/// The peer of a run in benchmarks: the same container without sbx in it, by the fewest calls to the engine that show
/// the output and the exit code: create, attach, wait, start. The engine removes the container afterwards.
/// @param plan     settings as a run has them; its agent is not started
/// @param command  runs as the user that a run's program has
/// @return time from the first call to the exit code
/// @error internal  the command failed
asio::awaitable<Result<std::chrono::microseconds>> bare_run(docker::Client& client, Plan plan, bool cgroup_v2,
                                                            std::vector<std::string> command);

}  // namespace sbx::cli
