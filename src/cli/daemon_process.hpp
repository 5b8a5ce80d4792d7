#pragma once

#include "core/config/directories.hpp"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sbx::cli {

/// The one daemon of a state directory, whoever started it.
class DaemonProcess {
   public:
    /// @param state  the user's state directory
    explicit DaemonProcess(std::filesystem::path state) : state_(std::move(state)) {}

    /// Its process; nothing when none runs.
    std::optional<pid_t> find() const;
    /// Where it listens, as it has written down.
    std::vector<std::string> addresses() const;
    /// To be called by the daemon itself.
    Result<void> write_addresses(const std::vector<std::string>& addresses) const;
    /// Of a daemon that `start` started.
    std::filesystem::path log() const { return state_ / "daemon" / "daemon.log"; }

    /// Starts one in the background, in a session of its own, and waits until it listens.
    /// @param program  what it is to be called
    /// @param flags    of `serve`
    /// @error conflict           one runs already
    /// @error deadline_exceeded  it does not say that it listens
    /// @error what it says itself when it cannot start
    Result<void> start(const std::string& program, const std::vector<std::string>& flags) const;
    /// Ends it, and waits for that.
    /// @return its process
    /// @error not_found          none runs
    /// @error deadline_exceeded  it did not end in time
    Result<pid_t> stop() const;

   private:
    std::filesystem::path state_;
};

}  // namespace sbx::cli
