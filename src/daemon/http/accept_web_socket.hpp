#pragma once

#include "daemon/http/connection.hpp"

#include <memory>
#include <optional>

namespace sbx::daemon {

/// @return what is wrong with a request for a WebSocket; nothing: it can be accepted
std::optional<Error> check_upgrade(const RequestHead& head);

/// Answers a request that `check_upgrade` found right.
asio::awaitable<Result<std::unique_ptr<WebSocket>>> accept_web_socket(std::shared_ptr<Connection> connection,
                                                                      const RequestHead& head);

}  // namespace sbx::daemon
