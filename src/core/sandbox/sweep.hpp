#pragma once

#include "sbx/engine.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace sbx {

/// Labels of every container of ours.
inline constexpr const char* instance_label = "sbx.instance";   ///< who made it
inline constexpr const char* sandbox_label = "sbx.sandbox";     ///< the sandbox's id
inline constexpr const char* name_label = "sbx.name";           ///< what its user calls it
inline constexpr const char* expires_label = "sbx.expires";     ///< hard end of its life, in Unix seconds
inline constexpr const char* cli_instance = "cli";              ///< value of instance_label where no daemon made it
inline constexpr const char* user_label_prefix = "sbx.label.";  ///< of those that a user gave

/// A container that nobody owns any more.
struct Orphan {
    std::string id;
    std::string cause;  ///< for people: "past its end", "never started"

    bool operator==(const Orphan&) const = default;
};

/// Those past their `sbx.expires`, ended ones that the engine should have removed, and those that were created but
/// not started for a minute: their sbx was killed at that moment. Containers without our labels are never named.
std::vector<Orphan> find_orphans(const std::vector<SandboxInfo>& sandboxes, std::chrono::system_clock::time_point now);

/// Removes the orphans. One that the engine can't remove does not keep the others.
/// @return those that were removed
/// @error the first failure, after the others were tried
asio::awaitable<Result<std::vector<Orphan>>> sweep(Engine& engine);

/// The same in passing, silently, and not more often than every ten seconds: `cache` remembers when.
asio::awaitable<void> sweep_now_and_then(Engine& engine, std::filesystem::path cache);

}  // namespace sbx
