#pragma once

#include "core/docker/endpoint.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <span>

namespace sbx::docker {

namespace asio = boost::asio;
using boost::system::error_code;

/// A connected byte stream to an engine: Unix socket, TCP, TLS or the standard streams of an ssh process.
/// One reader and one writer at a time.
class Transport {
   public:
    virtual ~Transport() = default;

    virtual asio::awaitable<std::size_t> read_some(std::span<char> into, error_code& ec) = 0;
    /// Writes all of `bytes`.
    virtual asio::awaitable<void> write(std::span<const char> bytes, error_code& ec) = 0;
    /// Pending operations end with `operation_aborted`.
    virtual void close() = 0;
    /// Whether an idle connection was closed, or spoken on, by the peer.
    virtual bool is_stale() = 0;
};

/// Connects within `limit`.
/// @error unavailable  nothing listens there, no permission, no answer; the hint says how to go on
asio::awaitable<Result<std::unique_ptr<Transport>>> connect(asio::any_io_executor executor, Endpoint endpoint,
                                                            std::chrono::milliseconds limit);

inline constexpr const char* tls_hint = "check DOCKER_CERT_PATH (ca.pem, cert.pem, key.pem)";

/// What to tell a user whose connection to `endpoint` failed with `ec`.
Error connect_failure(const Endpoint& endpoint, const error_code& ec);

}  // namespace sbx::docker
