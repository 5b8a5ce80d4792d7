#pragma once

#include "core/net/http_url.hpp"
#include "core/net/resolver.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace sbx {

/// A POST of JSON.
struct HttpCall {
    HttpUrl server;
    std::string path;  ///< below the server's own, percent-encoded
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

struct HttpAnswer {
    /// Of a body that is longer nothing more is read: the status has said what became of the request.
    static constexpr std::size_t most_bytes = std::size_t{64} << 10;

    unsigned status = 0;
    std::string body;  ///< its first `most_bytes`
};

/// Makes one request on a connection of its own, over TLS with this machine's certificates where the server is
/// `https`. Redirections are not followed, and any address may be connected to: the server is the operator's word.
/// Errors are reasons, without a name of the server.
/// @param resolver  outlives the call
/// @param limit     for all of it
/// @error not_found          there is no such name
/// @error unavailable        nobody listens there, the certificate is not sound, the connection breaks, no HTTP
/// @error deadline_exceeded
/// @cancel terminal
/// @source RFC 9110, RFC 9112
boost::asio::awaitable<Result<HttpAnswer>> http_call(Resolver& resolver, HttpCall call,
                                                     std::chrono::milliseconds limit);

}  // namespace sbx
