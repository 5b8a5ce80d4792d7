#pragma once

#include "sbx/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace sbx::daemon {

namespace asio = boost::asio;

/// One message of a WebSocket.
struct WebSocketMessage {
    WebSocketMessage() = default;
    WebSocketMessage(bool is_text_, std::string bytes_) : is_text(is_text_), bytes(std::move(bytes_)) {}

    bool is_text = true;  ///< else binary
    std::string bytes;    ///< text is valid UTF-8
};

/// A WebSocket whose handshake is done. One reader and one writer at a time. Pings and closes are answered by itself, a
/// silent peer is dropped (SECURITY-TARGETS §6).
class WebSocket {
   public:
    virtual ~WebSocket() = default;

    /// @error cancelled         the peer has closed it, or is gone
    /// @error invalid_argument  it broke the protocol, or a limit; the socket is closed
    virtual asio::awaitable<Result<WebSocketMessage>> read() = 0;
    /// @error cancelled         the peer has closed it, is gone, or took nothing for too long
    virtual asio::awaitable<Result<void>> write(WebSocketMessage message) = 0;
    /// Says goodbye and waits for the peer to do the same, for a moment. @param code  as RFC 6455, section 7.4
    virtual asio::awaitable<void> close(std::uint16_t code, std::string reason) = 0;
};

}  // namespace sbx::daemon
