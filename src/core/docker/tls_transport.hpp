#pragma once

#include "core/docker/transport.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace sbx::docker {

/// Shakes hands on a connected socket as `endpoint.tls` says.
/// @error unavailable  a certificate that can't be read, one that does not verify, a refused handshake
asio::awaitable<Result<std::unique_ptr<Transport>>> secure(asio::ip::tcp::socket socket, Endpoint endpoint,
                                                           std::chrono::milliseconds limit);

}  // namespace sbx::docker
