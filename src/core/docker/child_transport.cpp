#include "core/docker/child_transport.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace sbx::docker {
namespace {

using UnixSocket = asio::local::stream_protocol::socket;

/// Starts `command` with `stream` as its standard input and output.
int spawn(const std::vector<std::string>& command, int stream, pid_t& child)
{
    std::vector<char*> argv;
    argv.reserve(command.size() + 1);
    for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, stream, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, stream, STDOUT_FILENO);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    // A session of its own: the terminal's Ctrl-C is for the sandbox, not for the way to it, and who would ask there,
    // for a password say, fails at once; in the background it would be stopped.
    sigset_t to_reset;
    ::sigemptyset(&to_reset);
    ::sigaddset(&to_reset, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes, &to_reset);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF);
    const int failed = ::posix_spawnp(&child, argv[0], &actions, &attributes, argv.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    return failed;
}

}  // namespace

ChildTransport::ChildTransport(UnixSocket socket, pid_t child)
    : SocketTransport<UnixSocket>(std::move(socket)), child_(child)
{
}

ChildTransport::~ChildTransport()
{
    ChildTransport::close();
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void ChildTransport::close()
{
    ::kill(child_, SIGKILL);  // not yet waited for, so the id is still its own
    SocketTransport<UnixSocket>::close();
}

void ChildTransport::end_input()
{
    error_code ignored;
    stream_.shutdown(UnixSocket::shutdown_send, ignored);
}

Result<std::unique_ptr<ChildTransport>> start_child(asio::any_io_executor executor,
                                                    const std::vector<std::string>& command)
{
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return Error(Errc::unavailable, fmt::format("cannot start {}: {}", command.front(), std::strerror(errno)));
    for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
    UnixSocket ours(executor, asio::local::stream_protocol(), ends[0]);
    pid_t child = -1;
    const int failed = spawn(command, ends[1], child);
    ::close(ends[1]);
    if (failed != 0)
        return Error(Errc::unavailable, fmt::format("cannot start {}: {}", command.front(), std::strerror(failed)));
    return std::make_unique<ChildTransport>(std::move(ours), child);
}

}  // namespace sbx::docker
