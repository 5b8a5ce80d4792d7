#include "daemon/http/connection_channel.hpp"

namespace sbx::daemon {
namespace {

class ConnectionChannel final : public Channel {
   public:
    explicit ConnectionChannel(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
    ~ConnectionChannel() override { connection_->close(); }
    ConnectionChannel(const ConnectionChannel&) = delete;
    ConnectionChannel& operator=(const ConnectionChannel&) = delete;

    asio::awaitable<Result<std::size_t>> read_some(std::span<char> bytes) override
    {
        const std::shared_ptr<Connection> connection = connection_;  // `this` may go while a read is pending
        co_return co_await connection->read_some(bytes);
    }

    asio::awaitable<Result<void>> write(std::span<const char> bytes) override
    {
        const std::shared_ptr<Connection> connection = connection_;
        Pieces pieces{asio::buffer(bytes.data(), bytes.size())};
        const bool written = co_await connection->write(pieces);
        if (!written) co_return Error(Errc::unavailable, "the client has gone");
        co_return Result<void>();
    }

    void close() override { connection_->close(); }

   private:
    std::shared_ptr<Connection> connection_;
};

}  // namespace

std::unique_ptr<Channel> make_channel(std::shared_ptr<Connection> connection)
{
    return std::make_unique<ConnectionChannel>(std::move(connection));
}

}  // namespace sbx::daemon
