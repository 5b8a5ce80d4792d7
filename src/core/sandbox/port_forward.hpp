#pragma once

#include "core/sandbox/agent_link.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sbx {

using TcpAcceptor = asio::ip::tcp::acceptor;
using TcpEndpoint = asio::ip::tcp::endpoint;

/// @error conflict           somebody listens there already
/// @error permission_denied  the port is not for this user
/// @error invalid_argument   the address is none of this machine
Result<TcpAcceptor> listen_on(const asio::any_io_executor& executor, const TcpEndpoint& address);

/// Carries connections to a TCP port inside a sandbox: one stream of the wire for each, at the pace of the slower end,
/// each direction ending by itself.
class PortForward {
   public:
    /// @param link     outlives this
    /// @param refused  told when a connection came to nothing inside, once until another one succeeds
    PortForward(AgentLink& link, std::uint16_t port, std::function<void(const Error&)> refused);
    ~PortForward();
    PortForward(const PortForward&) = delete;
    PortForward& operator=(const PortForward&) = delete;

    /// Takes connections until the link is over; then all of them are closed.
    asio::awaitable<void> serve(TcpAcceptor acceptor);

   private:
    class Connection;

    asio::awaitable<void> accept(TcpAcceptor& acceptor);
    asio::awaitable<void> close_at_end(TcpAcceptor& acceptor);
    asio::awaitable<void> carry(std::shared_ptr<Connection> connection);

    AgentLink& link_;
    std::uint16_t port_;
    std::function<void(const Error&)> refused_;
    bool has_told_ = false;
    std::vector<std::shared_ptr<Connection>> connections_;
};

}  // namespace sbx
