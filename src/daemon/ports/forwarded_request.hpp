#pragma once

#include "daemon/http/message.hpp"

#include <boost/beast/http/message.hpp>

#include <string>
#include <string_view>

namespace sbx::daemon {

/// How a request names a port, and what that means for what is passed on.
struct PortRoute {
    PortName name;
    std::string target;     ///< for the program: its path and query, percent signs as they were sent
    std::string prefix;     ///< of the path that leads to the port; empty: a host name does
    std::string host;       ///< as the client called it
    std::string key;        ///< that let the client in, the secret itself; empty: none was asked for
    bool upgrades = false;  ///< the client wants another protocol on its connection

    /// Then the program has an origin of its own; else its pages share the API's.
    bool has_own_origin() const { return prefix.empty(); }
};

/// What is left of a request's target after its first `segments`.
/// @return begins with a slash; empty: there is no more
std::string_view target_after(std::string_view target, std::size_t segments);

/// The head of the request that the program gets: without what concerns this connection alone and what would show it a
/// key of the daemon, and with who asks and for what (X-Forwarded-For, -Host, -Proto, -Prefix). One connection carries
/// one request.
/// @source RFC 9110, section 7.6.1
http::request_header<> forwarded_request(const RequestHead& head, const PortRoute& route);

/// Whether a page asks for something of another origin in a way that shows no Origin. A link to it is no such thing.
/// @source Fetch Metadata Request Headers, sections 2.2 and 2.3
bool is_sent_by_other_site(const http::fields& fields);

/// Whether a browser asks for a script that would then stand before every page of the origin.
/// @source Service Workers, section 6.1
bool wants_service_worker(const http::fields& fields);

}  // namespace sbx::daemon
