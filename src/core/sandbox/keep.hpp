#pragma once

#include "core/sandbox/keeper.hpp"

#include <filesystem>
#include <functional>

namespace sbx {

/// Told of the keeper before it makes its sandbox, and of none when it has gone; may be empty.
using KeeperWatch = std::function<void(Keeper* keeper)>;

/// Makes the sandbox of a record that has no container yet, and keeps it to its end.
/// @param store, engine  outlive this
/// @param cache          the user's cache directory
/// @param ready          called once it can be used; false: nobody wants it any more, it ends at once
/// @error what Keeper::launch and ensure_agent_volume give; nothing is left then
asio::awaitable<Result<void>> keep_new_sandbox(Engine& engine, const SandboxStore& store, SandboxRecord record,
                                               std::filesystem::path cache, std::function<bool()> ready,
                                               KeeperWatch watch);

/// Keeps a sandbox that runs already and that nobody keeps.
/// @error not_found  it has ended meanwhile, which its record says now
/// @error what Keeper::take_over gives
asio::awaitable<Result<void>> keep_living_sandbox(Engine& engine, const SandboxStore& store, SandboxRecord record,
                                                  std::function<bool()> ready, KeeperWatch watch);

}  // namespace sbx
