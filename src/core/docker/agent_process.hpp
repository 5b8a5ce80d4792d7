#pragma once

#include "core/descriptor.hpp"
#include "core/local_channel.hpp"
#include "sbx/result.hpp"

#include <sys/types.h>

#include <optional>
#include <string>

namespace sbx::docker {

/// The first process of a container of this kernel, which is its agent. Only root can enter its file system.
class AgentProcess {
   public:
    /// @param container  the whole id
    /// @param pid        as the engine counts
    /// @return nothing  where that number means another process: the engine can be in a virtual machine
    static std::optional<AgentProcess> find(const std::string& container, pid_t pid);

    /// Connects to its socket. Nothing that the container holds is believed: no path leads out of its root directory,
    /// the listener has to be the agent itself, and it can send no descriptors.
    /// @error unavailable        it does not listen yet
    /// @error permission_denied  nobody reaches it this way: it has no such socket, takes no root of this host for its
    ///                           own, or this kernel cannot refuse descriptors
    Result<LocalSocket> connect(const asio::any_io_executor& executor) const;

   private:
    AgentProcess(Descriptor directory, pid_t pid) : directory_(std::move(directory)), pid_(pid) {}

    Descriptor directory_;  ///< its own in /proc: keeps the number from meaning another one later
    pid_t pid_;
};

}  // namespace sbx::docker
