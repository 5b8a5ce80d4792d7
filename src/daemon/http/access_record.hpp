#pragma once

#include "daemon/http/message.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

namespace sbx::daemon {

/// What became of one request or connection, for a log. Its views live as long as the call.
struct AccessRecord {
    /// request, or why there is none: protocol_error, host_refused, origin_refused, request_timeout, peer_refused,
    /// connection_limit, out_of_descriptors, handler_threw
    std::string_view event;
    std::string_view id;  ///< empty: of a connection
    http::verb method = http::verb::unknown;
    std::string_view path;         ///< as sent
    std::string_view route;        ///< the pattern that it was for; empty: none
    std::string_view key;          ///< id of the key that was shown; empty: none
    std::string_view traceparent;  ///< as sent; empty: none
    unsigned status = 0;           ///< 0: none was sent
    bool is_passed_on = false;     ///< as `Response` says
    std::chrono::microseconds duration{0};
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    const Peer* peer = nullptr;
};
using Observer = std::function<void(const AccessRecord&)>;

}  // namespace sbx::daemon
