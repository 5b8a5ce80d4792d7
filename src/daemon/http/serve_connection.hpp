#pragma once

#include "daemon/http/connection.hpp"

#include <memory>

namespace sbx::daemon {

/// Serves one request after the other until the connection ends or is given up to another protocol. In this order:
/// framing, Host, Origin, then whoever serves the site.
asio::awaitable<void> serve_connection(std::shared_ptr<Connection> connection);

}  // namespace sbx::daemon
