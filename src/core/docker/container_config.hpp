#pragma once

#include "sbx/engine.hpp"

#include <nlohmann/json.hpp>

namespace sbx::docker {

/// Where the agent's volume is mounted, and what starts from it.
inline constexpr const char* agent_path = "/.sbx/agent";

/// The body of ContainerCreate for `plan`: all of SECURITY-TARGETS §2 and nothing else.
/// Swappiness and the OOM killer's switch exist only under cgroup v1.
nlohmann::json container_config(const Plan& plan, bool cgroup_v2);

/// The body of ContainerCreate for a container that is never started: it carries files into and out of `volume`.
/// To the volume's `labels` it adds `sbx.sandbox`, so that a sweep finds one whose owner was killed.
nlohmann::json carrier_config(const std::string& name, const std::string& image, const std::string& volume,
                              const std::map<std::string, std::string>& labels);

}  // namespace sbx::docker
