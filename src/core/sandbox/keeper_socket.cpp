#include "core/sandbox/keeper_socket.hpp"

#include "core/short_path.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sbx {
namespace {

namespace fs = std::filesystem;
using boost::system::error_code;

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

}  // namespace sbx
