#pragma once

#include "daemon/http/port_name.hpp"

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/verb.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sbx::daemon {

namespace http = boost::beast::http;

/// Where a request goes. Percent signs are decoded once, after the split at `?`, `/` and `&`.
/// @source RFC 3986, sections 3.3 and 3.4
struct Target {
    std::string prefix;                 ///< was cut off the path, which is then as if it had been sent so
    std::string text;                   ///< as sent, whole
    std::string path;                   ///< as sent, without the query: for redirects, never for a log of errors
    std::vector<std::string> segments;  ///< of the path; a final slash leaves an empty last one
    std::vector<std::pair<std::string, std::string>> query;  ///< in order; a name may come again

    /// The first of this name.
    std::optional<std::string_view> value(std::string_view name) const;
};

/// Who is at the other end of a connection.
struct Peer {
    enum class Kind {
        owner,     ///< on the Unix socket, with the daemon's own uid or root's
        loopback,  ///< on a loopback address
        remote,
    };
    Kind kind = Kind::remote;
    std::string address;  ///< without the port; empty on a Unix socket
};

/// What comes before a body. Its framing is sound (SECURITY-TARGETS §6).
struct RequestHead {
    http::verb method = http::verb::unknown;
    Target target;
    http::fields fields;
    std::string id;  ///< made here, for logs and the answer's X-Request-Id
    Peer peer;
    bool is_encrypted = false;     ///< by TLS, up to here
    std::optional<PortName> port;  ///< that the Host names: then the target is for a program, and is not taken apart
};

/// Fields of an answer, in order; a name may come again.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// An answer that is there as a whole.
struct Response {
    Response() = default;
    Response(unsigned status_, std::string body_, std::string content_type_ = "application/json")
        : status(status_), body(std::move(body_)), content_type(std::move(content_type_))
    {
    }

    unsigned status = 200;
    std::string body;
    std::string content_type;   ///< empty: the answer has none, as 204 has no body
    Headers headers;            ///< beside those that every answer has
    bool is_passed_on = false;  ///< it is a program's own: its status says nothing of this server
};

}  // namespace sbx::daemon
