#include "agent/agent.hpp"
#include "agent/privileges.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <string_view>

namespace {

constexpr std::chrono::milliseconds default_unclaimed = std::chrono::minutes(1);

int refuse(std::string_view message)
{
    [[maybe_unused]] const long ignored = write(STDERR_FILENO, message.data(), message.size());
    return 2;
}

void make_nonblocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

}  // namespace

/// agent [MILLISECONDS]: how long it waits to be claimed.
int main(int argc, char** argv)
{
    // It kills whatever it sees, so it must never see more than a sandbox.
    if (getpid() != 1) return refuse("agent: runs only as process 1 of a sandbox\n");
    long long unclaimed_ms = default_unclaimed.count();
    if (argc > 2) return refuse("usage: agent [MILLISECONDS]\n");
    if (argc == 2) {
        const std::string_view text = argv[1];
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), unclaimed_ms);
        if (error != std::errc() || end != text.data() + text.size() || unclaimed_ms <= 0)
            return refuse("usage: agent [MILLISECONDS]\n");
    }
    sbx::agent::protect_agent();
    signal(SIGPIPE, SIG_IGN);
    umask(022);
    make_nonblocking(STDIN_FILENO);
    make_nonblocking(STDOUT_FILENO);
    if (chdir("/") != 0) return refuse("agent: no root directory\n");
    sbx::agent::Agent(STDIN_FILENO, STDOUT_FILENO, std::chrono::milliseconds(unclaimed_ms)).run();
    _exit(0);
}
