#include "agent/agent_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace sbx::agent {
namespace {

constexpr sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/run/sbx/agent.sock"};

const sockaddr* plain_address()
{
    return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

Descriptor listen_on_agent_socket()
{
    Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    unlink(address.sun_path);
    const mode_t before = umask(0177);
    const bool bound = fd && bind(fd.get(), plain_address(), sizeof address) == 0;
    umask(before);
    if (!bound || listen(fd.get(), 1) != 0) return {};
    return fd;
}

Descriptor accept_root(int listening)
{
    Descriptor fd(accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    ucred peer{};
    socklen_t length = sizeof peer;
    if (!fd || getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || peer.uid != 0) return {};
    return fd;
}

Descriptor connect_to_agent()
{
    Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd || connect(fd.get(), plain_address(), sizeof address) != 0) return {};
    return fd;
}

}  // namespace sbx::agent
