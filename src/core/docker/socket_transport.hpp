#pragma once

#include "core/docker/transport.hpp"
#include "core/uncut.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace sbx::docker {

/// Makes an operation report through `ec` instead of throwing.
inline auto into(error_code& ec)
{
    return asio::redirect_error(asio::use_awaitable, ec);
}

/// A Transport over any of Asio's streams.
template <class Stream>
class SocketTransport : public Transport {
   public:
    /// What is started later, a credential helper say, does not inherit the stream.
    explicit SocketTransport(Stream stream) : stream_(std::move(stream))
    {
        ::fcntl(stream_.lowest_layer().native_handle(), F_SETFD, FD_CLOEXEC);
    }

    asio::awaitable<std::size_t> read_some(std::span<char> bytes, error_code& ec) override
    {
        co_return co_await stream_.async_read_some(asio::buffer(bytes.data(), bytes.size()), into(ec));
    }

    asio::awaitable<void> write(std::span<const char> bytes, error_code& ec) override
    {
        co_await asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()), uncut, into(ec));
    }

    void close() override
    {
        error_code ignored;
        stream_.lowest_layer().close(ignored);
    }

    bool is_stale() override
    {
        char byte = 0;
        const auto n = ::recv(stream_.lowest_layer().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    }

   protected:
    Stream stream_;
};

}  // namespace sbx::docker
