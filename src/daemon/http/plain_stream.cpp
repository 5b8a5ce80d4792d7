#include "daemon/http/stream.hpp"

namespace sbx::daemon {
namespace {

class PlainStream final : public Stream {
   public:
    explicit PlainStream(Socket socket) : socket_(std::move(socket))
    {
        error_code ignored;
        socket_.non_blocking(true, ignored);  // for try_write
    }

    asio::awaitable<void> handshake(error_code& /*ec*/) override { co_return; }

    asio::awaitable<std::size_t> read_some(std::span<char> bytes, error_code& ec) override
    {
        return socket_.async_read_some(asio::buffer(bytes.data(), bytes.size()), into(ec));
    }

    asio::awaitable<std::size_t> write_some(const Pieces& pieces, error_code& ec) override
    {
        return socket_.async_write_some(pieces, into(ec));
    }

    std::size_t try_write(const Pieces& pieces, error_code& ec) override
    {
        const std::size_t n = socket_.write_some(pieces, ec);
        if (ec == asio::error::would_block) ec.clear();
        return n;
    }

    asio::awaitable<void> end_writing(error_code& ec) override
    {
        socket_.shutdown(Socket::shutdown_send, ec);
        co_return;
    }

    void cancel() override
    {
        error_code ignored;
        socket_.cancel(ignored);
    }

    void close() override
    {
        error_code ignored;
        socket_.close(ignored);
    }

    Layer layer() override { return &socket_; }

   private:
    Socket socket_;
};

}  // namespace

std::unique_ptr<Stream> make_plain_stream(Socket socket)
{
    return std::make_unique<PlainStream>(std::move(socket));
}

}  // namespace sbx::daemon
