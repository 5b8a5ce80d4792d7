#pragma once

#include "core/descriptor.hpp"
#include "daemon/http/message.hpp"

#include <optional>

namespace sbx::daemon {

/// A connection that has just been accepted. It is closed at exec and does not block.
struct Accepted {
    Descriptor descriptor;
    int family = 0;  ///< AF_UNIX, AF_INET, AF_INET6
    Peer peer;
    bool is_welcome = true;  ///< false: another user's, on a Unix socket
};

/// @return nothing, and errno, where there is none
std::optional<Accepted> accept_one(int listening);

}  // namespace sbx::daemon
