#include "core/docker/agent_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

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

Descriptor open_inside(const Descriptor& root, const char* path)
{
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    return Descriptor(static_cast<int>(::syscall(SYS_openat2, root.get(), path, &how, sizeof how)));
}

/// An agent that takes no visitors must not hold us: it does not wait.
Descriptor connect_at(const Descriptor& file)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    fmt::format_to_n(address.sun_path, sizeof address.sun_path - 1, "/proc/self/fd/{}", file.get());
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto* plain = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(socket.get(), plain, sizeof address) != 0) socket.reset();
    return socket;
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

std::optional<LocalSocket> AgentProcess::connect(const asio::any_io_executor& executor) const
{
    const Descriptor root(::openat(directory_.get(), "root", O_PATH | O_DIRECTORY | O_CLOEXEC));
    const Descriptor file = open_inside(root, socket_path);
    Descriptor connected = connect_at(file);
    if (!connected || !is_served_by(connected, pid_)) return std::nullopt;
    LocalSocket socket(executor);
    boost::system::error_code failed;
    socket.assign(asio::local::stream_protocol(), connected.get(), failed);
    if (failed) return std::nullopt;
    connected.release();
    return socket;
}

}  // namespace sbx::docker
