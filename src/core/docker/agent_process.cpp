#include "core/docker/agent_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace sbx::docker {
namespace {

constexpr const char* socket_path = "run/sbx/agent.sock";  // in the container's root directory
constexpr std::size_t most_cgroup_bytes = 16U << 10;

bool is_in_container(const Descriptor& process, const std::string& id)
{
    const Descriptor cgroup(::openat(process.get(), "cgroup", O_RDONLY | O_CLOEXEC));
    std::string text(most_cgroup_bytes, '\0');
    const ssize_t count = ::read(cgroup.get(), text.data(), text.size());
    text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return !id.empty() && text.find(id) != std::string::npos;
}

Error not_yet()
{
    return Error(Errc::unavailable, "docker: the agent does not listen yet");
}

Error never(std::string_view step)
{
    return Error(Errc::permission_denied, fmt::format("docker: the agent's socket is out of reach: {}", step));
}

Result<Descriptor> open_inside(const Descriptor& root, const char* path)
{
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    Descriptor file(static_cast<int>(::syscall(SYS_openat2, root.get(), path, &how, sizeof how)));
    if (file) return file;
    return errno == ENOENT ? not_yet() : never("open");
}

/// A socket that takes no descriptors: the close of one can last as long as its sender likes (SO_LINGER), and falls to
/// whoever is sent it, wanted or not. @source Linux 6.16: SO_PASSRIGHTS
Descriptor socket_without_rights()
{
    constexpr int pass_rights = 83;  // the headers may be older than the kernel
    const int off = 0;
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (::setsockopt(socket.get(), SOL_SOCKET, pass_rights, &off, sizeof off) != 0) socket.reset();
    return socket;
}

/// An agent that takes no visitors must not hold us: it does not wait.
Result<Descriptor> connect_at(const Descriptor& file)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    fmt::format_to_n(address.sun_path, sizeof address.sun_path - 1, "/proc/self/fd/{}", file.get());
    Descriptor socket = socket_without_rights();
    if (!socket) return never("a socket without descriptors");
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
    return errno == ECONNREFUSED || errno == EAGAIN ? not_yet() : never("connect");
}

/// Where root inside is somebody else outside, the agent takes no outside root for its own.
bool is_served_by(const Descriptor& socket, pid_t pid)
{
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == pid && peer.uid == 0;
}

}  // namespace

std::optional<AgentProcess> AgentProcess::find(const std::string& container, pid_t pid)
{
    Descriptor directory(::open(fmt::format("/proc/{}", pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!is_in_container(directory, container)) return std::nullopt;
    return AgentProcess(std::move(directory), pid);
}

Result<LocalSocket> AgentProcess::connect(const asio::any_io_executor& executor) const
{
    const Descriptor root(::openat(directory_.get(), "root", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) return never("its root directory");
    const Result<Descriptor> file = open_inside(root, socket_path);
    if (!file) return file.error();
    Result<Descriptor> connected = connect_at(*file);
    if (!connected) return connected.error();
    if (!is_served_by(*connected, pid_)) return never("another listener");
    LocalSocket socket(executor);
    boost::system::error_code failed;
    socket.assign(asio::local::stream_protocol(), connected->get(), failed);
    if (failed) return never("assign");
    connected->release();
    return socket;
}

}  // namespace sbx::docker
