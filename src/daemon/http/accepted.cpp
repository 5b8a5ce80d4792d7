#include "daemon/http/accepted.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace sbx::daemon {
namespace {

constexpr std::uint32_t loopback_network = 127;

/// The one at the other end of a Unix socket: our own user, root, or somebody who got at the socket nevertheless.
bool is_ours(int socket)
{
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return peer.uid == 0 || peer.uid == ::geteuid();
}

Peer peer_of(const sockaddr_storage& address)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    bool is_loopback = false;
    if (address.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
        ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        is_loopback = ntohl(v4.sin_addr.s_addr) >> 24U == loopback_network;
    } else {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
        is_loopback = IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
    }
    return Peer{is_loopback ? Peer::Kind::loopback : Peer::Kind::remote, text.data()};
}

/// A WebSocket, a stream or a client that waits for its turn may be silent for long: this is how a host that went away
/// is noticed, within two minutes.
void keep_alive(int socket)
{
    const int on = 1;
    const int seconds_of_silence = 60;
    const int seconds_between = 20;
    const int tries = 3;
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &seconds_of_silence, sizeof seconds_of_silence);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &seconds_between, sizeof seconds_between);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof tries);
    ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

}  // namespace

std::optional<Accepted> accept_one(int listening)
{
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    Accepted accepted;
    accepted.descriptor =
        Descriptor(::accept4(listening, reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!accepted.descriptor) return std::nullopt;
    accepted.family = address.ss_family;
    if (accepted.family == AF_UNIX) {
        accepted.peer.kind = Peer::Kind::owner;
        accepted.is_welcome = is_ours(accepted.descriptor.get());
        return accepted;
    }
    accepted.peer = peer_of(address);
    const int on = 1;
    ::setsockopt(accepted.descriptor.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    keep_alive(accepted.descriptor.get());
    return accepted;
}

}  // namespace sbx::daemon
