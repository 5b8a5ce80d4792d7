#pragma once

#include "daemon/api/access.hpp"
#include "daemon/ports/proxied_exchange.hpp"
#include "daemon/sandboxes/sandboxes.hpp"

#include <set>
#include <string>

namespace sbx::daemon {

/// Leads requests of HTTP to programs that listen in sandboxes. One thread.
class Ports {
   public:
    /// @param sandboxes, access  outlive this
    Ports(Sandboxes& sandboxes, Access& access) : sandboxes_(sandboxes), access_(access) {}

    /// Answers a request whose Host names a port: all of its target is the program's.
    asio::awaitable<void> serve_named(Exchange& exchange);
    /// Answers a request whose path leads to a port.
    /// @param segments  of the path before the program's own
    asio::awaitable<void> serve_path(Exchange& exchange, Caller caller, PortName name, std::size_t segments);

   private:
    asio::awaitable<void> serve(Exchange& exchange, Caller caller, PortRoute route);
    asio::awaitable<void> refuse(Exchange& exchange, Error error);

    Sandboxes& sandboxes_;
    Access& access_;
    NativeErrors errors_;
    PortPatience patience_;
    std::multiset<std::string> connections_;  ///< that there are, by the id of their sandbox
};

}  // namespace sbx::daemon
