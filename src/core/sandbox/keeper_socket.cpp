#include "core/sandbox/keeper_socket.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace sbx {
namespace {

namespace fs = std::filesystem;
using boost::system::error_code;

/// What may wait in a socket: the more, the seldomer its two ends have to wake each other.
constexpr int room_bytes = 1 << 20;

/// A short way to a file: `/proc/self/fd/7/keeper.sock`. Valid as long as this lives.
class ShortPath {
   public:
    explicit ShortPath(const fs::path& path)
        : directory_(::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
          text_(fmt::format("/proc/self/fd/{}/{}", directory_, path.filename().native()))
    {
    }
    ~ShortPath()
    {
        if (directory_ >= 0) ::close(directory_);
    }
    ShortPath(const ShortPath&) = delete;
    ShortPath& operator=(const ShortPath&) = delete;

    const std::string& text() const { return text_; }

   private:
    int directory_;
    std::string text_;
};

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
        co_await asio::async_write(*socket, asio::buffer(bytes.data(), bytes.size()),
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

Result<LocalAcceptor> listen_at(const asio::any_io_executor& executor, const fs::path& path)
{
    const ShortPath short_path(path);
    ::unlink(short_path.text().c_str());
    LocalAcceptor acceptor(executor);
    error_code failed;
    acceptor.open(asio::local::stream_protocol(), failed);
    if (!failed) acceptor.bind(short_path.text(), failed);
    if (!failed && ::chmod(short_path.text().c_str(), 0600) != 0)
        failed.assign(errno, boost::system::system_category());
    if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed)
        return Error(Errc::permission_denied, fmt::format("cannot listen at {}: {}", path.native(), failed.message()));
    return acceptor;
}

Result<LocalSocket> connect_to(const asio::any_io_executor& executor, const fs::path& path)
{
    const ShortPath short_path(path);
    LocalSocket socket(executor);
    error_code failed;
    socket.connect(short_path.text(), failed);
    if (failed) return Error(Errc::unavailable, fmt::format("nobody listens at {}", path.native()));
    return socket;
}

bool is_ours(LocalSocket& socket)
{
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return peer.uid == 0 || peer.uid == ::geteuid();
}

std::unique_ptr<Channel> make_channel(LocalSocket socket)
{
    return std::make_unique<LocalChannel>(std::move(socket));
}

}  // namespace sbx
