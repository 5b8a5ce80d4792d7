#pragma once

#include "daemon/http/connection.hpp"

#include <memory>

namespace sbx::daemon {

/// A connection that has switched to another protocol. It is closed with its channel.
std::unique_ptr<Channel> make_channel(std::shared_ptr<Connection> connection);

}  // namespace sbx::daemon
