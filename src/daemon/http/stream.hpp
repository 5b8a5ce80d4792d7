#pragma once

#include "daemon/http/message.hpp"
#include "daemon/http/web_socket.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <memory>
#include <span>
#include <variant>

namespace sbx::daemon {

namespace asio = boost::asio;
using boost::system::error_code;
/// TCP or Unix.
using Socket = asio::generic::stream_protocol::socket;
using TlsSocket = asio::ssl::stream<Socket>;

/// Makes an operation report through `ec` instead of throwing.
inline auto into(error_code& ec)
{
    return asio::redirect_error(asio::use_awaitable, ec);
}

/// What is written at once: a head, a body, and what ends it. Empty ones do no harm.
using Pieces = std::array<asio::const_buffer, 3>;

/// A connected client's bytes, plain or through TLS. One reader and one writer at a time.
class Stream {
   public:
    virtual ~Stream() = default;

    /// What has to be done before the first byte.
    virtual asio::awaitable<void> handshake(error_code& ec) = 0;
    virtual asio::awaitable<std::size_t> read_some(std::span<char> into, error_code& ec) = 0;
    virtual asio::awaitable<std::size_t> write_some(const Pieces& pieces, error_code& ec) = 0;
    /// Writes what there is room for without waiting.
    /// @return 0, without an error, where that cannot be done
    virtual std::size_t try_write(const Pieces& pieces, error_code& ec) = 0;
    /// Says that nothing more will be written.
    virtual asio::awaitable<void> end_writing(error_code& ec) = 0;
    /// What is pending ends with `operation_aborted`.
    virtual void cancel() = 0;
    /// Likewise; and the client sees the end.
    virtual void close() = 0;

    using Layer = std::variant<Socket*, TlsSocket*>;
    /// For what is made for Asio's own streams.
    virtual Layer layer() = 0;
};

std::unique_ptr<Stream> make_plain_stream(Socket socket);
std::unique_ptr<Stream> make_tls_stream(Socket socket, std::shared_ptr<asio::ssl::context> context);

}  // namespace sbx::daemon
