#include "core/local_channel.hpp"

#include "core/uncut.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace sbx {
namespace {

using boost::system::error_code;

/// What may wait in a socket: the more, the seldomer its two ends have to wake each other.
constexpr int room_bytes = 1 << 20;

class LocalChannel final : public Channel {
   public:
    explicit LocalChannel(LocalSocket socket) : socket_(std::make_shared<LocalSocket>(std::move(socket)))
    {
        error_code ignored;
        socket_->set_option(asio::socket_base::send_buffer_size(room_bytes), ignored);
    }
    ~LocalChannel() override { LocalChannel::close(); }
    LocalChannel(const LocalChannel&) = delete;
    LocalChannel& operator=(const LocalChannel&) = delete;

    asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) override
    {
        const std::shared_ptr<LocalSocket> socket = socket_;  // `this` may go while a read is pending
        error_code failed;
        const std::size_t n = co_await socket->async_read_some(asio::buffer(into.data(), into.size()),
                                                               asio::redirect_error(asio::use_awaitable, failed));
        if (failed) co_return std::size_t{0};
        co_return n;
    }

    asio::awaitable<Result<void>> write(std::span<const char> bytes) override
    {
        const std::shared_ptr<LocalSocket> socket = socket_;
        error_code failed;
        co_await asio::async_write(*socket, asio::buffer(bytes.data(), bytes.size()), uncut,
                                   asio::redirect_error(asio::use_awaitable, failed));
        if (failed) co_return Error(Errc::unavailable, "the other end of a socket is gone");
        co_return Result<void>();
    }

    void close() override
    {
        error_code ignored;
        socket_->shutdown(LocalSocket::shutdown_both, ignored);
        socket_->close(ignored);
    }

   private:
    std::shared_ptr<LocalSocket> socket_;
};

}  // namespace

std::unique_ptr<Channel> make_channel(LocalSocket socket)
{
    return std::make_unique<LocalChannel>(std::move(socket));
}

}  // namespace sbx
