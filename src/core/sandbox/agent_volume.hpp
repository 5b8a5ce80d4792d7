#pragma once

#include "core/wire/agent_images.hpp"
#include "sbx/engine.hpp"

#include <filesystem>
#include <string>

namespace sbx {

/// Label of agent volumes; its value is the SHA-256 of what is inside.
inline constexpr const char* agent_label = "sbx.agent";

/// Where sandboxes find the agent.
inline constexpr const char* agent_directory = "/.sbx";

/// Name of the volume that holds this agent and the runners.
std::string agent_volume_name(const wire::AgentImage& agent);

/// Sees to it that the engine holds this agent's volume, with our label and with exactly our bytes: another user of
/// the engine could have made a volume of that name first. What was verified is remembered in `cache` by the engine's
/// endpoint and the volume's creation, so that later runs cost one look.
/// @param cache   directory for that; empty: nothing is remembered
/// @param image   any local image of the engine
/// @param refill  write the content anew whatever is there
/// @return how a sandbox mounts it; were it pruned just then, the engine would make it anew, labelled and empty
/// @error permission_denied  a volume of that name is not ours
asio::awaitable<Result<Mount>> ensure_agent_volume(Engine& engine, std::string endpoint, const wire::AgentImage& agent,
                                                   std::string image, std::filesystem::path cache, bool refill);

}  // namespace sbx
