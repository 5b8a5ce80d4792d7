#pragma once

#include "core/file_lock.hpp"
#include "core/sandbox/condition.hpp"
#include "core/sandbox/kernel.hpp"
#include "core/sandbox/sandbox_record.hpp"

#include <filesystem>
#include <optional>

namespace sbx {

/// The file that whoever talks to the kernel has locked.
std::filesystem::path kernel_lock(const SandboxStore& store, const SandboxRecord& sandbox, const KernelPlace& place);

/// Waits until nobody else talks to the kernel.
/// @return nothing when `until` came first
asio::awaitable<std::optional<FileLock>> take_kernel_turn(std::filesystem::path lock,
                                                          std::optional<Condition::TimePoint> until);

}  // namespace sbx
