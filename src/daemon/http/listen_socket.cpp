#include "daemon/http/listen_socket.hpp"

#include "core/short_path.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace sbx::daemon {
namespace {

constexpr int flags = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

/// The address of a socket of any family, as system calls want it.
struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    std::uint16_t port() const
    {
        if (storage.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
        if (storage.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
        return 0;
    }
};

Error failure(const std::string& where, int code)
{
    const std::string message = fmt::format("cannot listen at {}: {}", where, std::strerror(code));
    switch (code) {
        case EADDRINUSE:
            return Error(Errc::conflict, message);
        case EACCES:
        case EPERM:
            return Error(Errc::permission_denied, message);
        case EADDRNOTAVAIL:
        case EINVAL:
            return Error(Errc::invalid_argument, message);
        case EMFILE:
        case ENFILE:
        case ENOMEM:
            return Error(Errc::resource_exhausted, message);
        default:
            return Error(Errc::unavailable, message);
    }
}

Result<Address> local_address(const ShortPath& path, const std::string& shown)
{
    Address address;
    auto* const local = reinterpret_cast<sockaddr_un*>(&address.storage);
    local->sun_family = AF_UNIX;
    if (path.text().size() >= sizeof local->sun_path)
        return Error(Errc::invalid_argument, fmt::format("cannot listen at {}: its name is too long", shown));
    std::memcpy(local->sun_path, path.text().c_str(), path.text().size() + 1);
    address.size = sizeof *local;
    return address;
}

Result<Address> ip_address(const std::string& text, std::uint16_t port)
{
    Address address;
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        address.size = sizeof *v4;
    } else if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        address.size = sizeof *v6;
    } else {
        return Error(Errc::invalid_argument, fmt::format("cannot listen at {}: it is no IP address", text));
    }
    return address;
}

/// Removes a socket's file that nobody listens at.
Result<void> clear(const ShortPath& path, Address& address, const std::string& shown)
{
    struct stat facts {};
    if (::lstat(path.text().c_str(), &facts) != 0) return {};
    if (!S_ISSOCK(facts.st_mode))
        return Error(Errc::conflict, fmt::format("cannot listen at {}: there is a file that is no socket", shown));
    const Descriptor probe(::socket(AF_UNIX, flags, 0));
    // EAGAIN: somebody listens, and has more waiting than are let in.
    if (::connect(probe.get(), address.get(), address.size) == 0 || errno != ECONNREFUSED)
        return failure(shown, EADDRINUSE);
    ::unlink(path.text().c_str());
    return {};
}

Result<void> start(ListenSocket& socket, Address& address, const std::string& shown)
{
    if (::bind(socket.descriptor.get(), address.get(), address.size) != 0) return failure(shown, errno);
    if (::listen(socket.descriptor.get(), SOMAXCONN) != 0) return failure(shown, errno);
    return {};
}

}  // namespace

Result<ListenSocket> listen_locally(const std::string& path)
{
    const ShortPath short_path(std::filesystem::absolute(path));
    Result<Address> address = local_address(short_path, path);
    if (!address) return address.error();
    if (const Result<void> cleared = clear(short_path, *address, path); !cleared) return cleared.error();
    ListenSocket socket;
    socket.descriptor = Descriptor(::socket(AF_UNIX, flags, 0));
    if (!socket.descriptor) return failure(path, errno);
    // On Linux the file gets the socket's mode: at no time may others connect.
    ::fchmod(socket.descriptor.get(), 0600);
    if (const Result<void> started = start(socket, *address, path); !started) return started.error();
    struct stat facts {};
    if (::chmod(short_path.text().c_str(), 0600) != 0 || ::lstat(short_path.text().c_str(), &facts) != 0)
        return failure(path, errno);
    socket.path = std::filesystem::absolute(path);
    socket.device = facts.st_dev;
    socket.inode = facts.st_ino;
    return socket;
}

Result<ListenSocket> listen_on(const std::string& text, std::uint16_t port)
{
    const bool is_v6 = text.find(':') != std::string::npos;
    const std::string shown = is_v6 ? fmt::format("[{}]:{}", text, port) : fmt::format("{}:{}", text, port);
    Result<Address> address = ip_address(text, port);
    if (!address) return address.error();
    ListenSocket socket;
    socket.descriptor = Descriptor(::socket(address->storage.ss_family, flags, 0));
    if (!socket.descriptor) return failure(shown, errno);
    const int on = 1;
    ::setsockopt(socket.descriptor.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // Both families at once would make an IPv4 peer's address look like another one.
    if (address->storage.ss_family == AF_INET6)
        ::setsockopt(socket.descriptor.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (const Result<void> started = start(socket, *address, shown); !started) return started.error();
    if (::getsockname(socket.descriptor.get(), address->get(), &address->size) != 0) return failure(shown, errno);
    socket.port = address->port();
    return socket;
}

Result<ListenSocket> take_listening(int descriptor)
{
    ListenSocket socket;
    socket.descriptor = Descriptor(descriptor);
    int listens = 0;
    socklen_t size = sizeof listens;
    Address address;
    address.size = sizeof address.storage;
    const bool sound = ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens == 1 &&
                       ::getsockname(descriptor, address.get(), &address.size) == 0;
    if (!sound) {
        socket.descriptor.release();  // it is not ours
        return Error(Errc::invalid_argument, fmt::format("descriptor {} is no listening socket", descriptor));
    }
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    socket.port = address.port();
    return socket;
}

void remove_file(const ListenSocket& socket)
{
    if (socket.path.empty()) return;
    const ShortPath path(socket.path);
    struct stat facts {};
    if (::lstat(path.text().c_str(), &facts) != 0) return;
    if (facts.st_dev == socket.device && facts.st_ino == socket.inode) ::unlink(path.text().c_str());
}

}  // namespace sbx::daemon
