#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sbx::agent {

/// What a program says to a proxy before there is a connection. It is hostile.
struct ProxyRequest {
    enum class State {
        incomplete,  ///< more has to come
        answer,      ///< `reply` is to be sent, and more has to come
        complete,    ///< a connection to `host` and `port` is wanted
        refused,     ///< `reply` is to be sent, and that is all
    };
    enum class Kind { connect, plain, socks };

    State state = State::incomplete;
    Kind kind = Kind::connect;
    std::string host;
    std::uint16_t port = 0;
    std::size_t used = 0;  ///< so many of the bytes that came are dealt with
    std::string early;     ///< what the host is sent first
    std::string reply;
};

inline constexpr std::size_t max_proxy_request = std::size_t{16} << 10;

/// Reads the beginning of what a program sent: HTTP's CONNECT, a request of HTTP/1 with an absolute http:// target, or
/// SOCKS 5.
/// @param greeted  a SOCKS greeting has been answered
ProxyRequest read_proxy_request(std::string_view bytes, bool greeted);

/// What the program is told when there is a connection.
std::string proxy_success(ProxyRequest::Kind kind);
/// What it is told when there will be none.
/// @param denied  it is not allowed, rather than not there
std::string proxy_failure(ProxyRequest::Kind kind, bool denied, std::string_view reason);

}  // namespace sbx::agent
