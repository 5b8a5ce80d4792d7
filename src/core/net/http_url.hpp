#pragma once

#include "sbx/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sbx {

/// Where a server is, as an operator says it: `http(s)://[USER[:PASSWORD]@]HOST[:PORT][/PATH]`.
struct HttpUrl {
    bool is_secure = false;
    std::string host;  ///< as `normal_host` gives it
    std::uint16_t port = 0;
    std::string path;           ///< percent-encoded, without a slash at its end
    std::string authorization;  ///< `Basic …` of user and password; empty: none are named

    /// `HOST:PORT`, to be shown.
    std::string place() const;

    bool operator==(const HttpUrl&) const = default;
};

/// @param name  what an error blames: `BACKEND_URL`. It does not show the text, which may hold a password.
/// @error invalid_argument
/// @source RFC 3986; RFC 7617 (Basic)
Result<HttpUrl> parse_http_url(std::string_view name, std::string_view text);

}  // namespace sbx
