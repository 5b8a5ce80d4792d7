#pragma once

#include "daemon/ports/forwarded_request.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sbx::daemon {

/// Where the `Location` of a program's answer leads its client. A path that leads to the program goes on doing so: its
/// own paths are below the route's prefix, and it cannot send a client, who is let in to more than the program is, to
/// other routes of the API. Nor does it get the client's key sent to another server.
/// @return nothing where the client must not be sent there
std::optional<std::string> redirection(std::string_view location, const PortRoute& route);

}  // namespace sbx::daemon
