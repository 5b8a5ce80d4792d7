#pragma once

#include "core/file_lock.hpp"
#include "sbx/result.hpp"

#include <filesystem>
#include <utility>

namespace sbx {

/// Whoever has it is the one daemon of a state directory (flock(2) on `daemon.lock`).
class DaemonLock {
   public:
    /// @param state  the user's state directory
    /// @error conflict           another daemon has it
    /// @error permission_denied  the file cannot be made
    static Result<DaemonLock> acquire(const std::filesystem::path& state);

   private:
    explicit DaemonLock(FileLock lock) : lock_(std::move(lock)) {}

    FileLock lock_;
};

}  // namespace sbx
