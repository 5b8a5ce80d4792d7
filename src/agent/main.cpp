#include "agent/agent.hpp"
#include "agent/bridge.hpp"
#include "agent/pipes.hpp"
#include "agent/privileges.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <string_view>

namespace {

using sbx::agent::Agent;
using sbx::agent::make_nonblocking;
using sbx::agent::widen_pipe;

constexpr std::chrono::milliseconds default_unclaimed = std::chrono::minutes(1);
// Whoever has sandboxes wait has the next run at hand, and taking this one apart would cost it more than a run takes.
constexpr std::chrono::milliseconds afterlife_of_standby{300};

int refuse(std::string_view message)
{
    [[maybe_unused]] const long ignored = write(STDERR_FILENO, message.data(), message.size());
    return 2;
}

}  // namespace

/// agent connect: for a new owner, run beside the agent.
/// agent [MILLISECONDS [[NAME=VALUE...] COMMAND...]]: how long it waits to be claimed, and the interpreter that is
/// started meanwhile.
int main(int argc, char** argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && std::string_view(argv[1]) == "connect") {
        sbx::agent::protect_agent();  // the token passes through it
        return sbx::agent::run_bridge();
    }
    // It kills whatever it sees, so it must never see more than a sandbox.
    if (getpid() != 1) return refuse("agent: runs only as process 1 of a sandbox\n");
    const std::span<char* const> arguments(argv + 1, static_cast<std::size_t>(std::max(argc - 1, 0)));
    long long unclaimed_ms = default_unclaimed.count();
    const bool is_standby = !arguments.empty();
    if (is_standby) {
        const std::string_view text = arguments.front();
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), unclaimed_ms);
        if (error != std::errc() || end != text.data() + text.size() || unclaimed_ms <= 0)
            return refuse("usage: agent [MILLISECONDS [[NAME=VALUE...] COMMAND...]]\n");
    }
    sbx::agent::protect_agent();
    umask(022);
    make_nonblocking(STDIN_FILENO);
    make_nonblocking(STDOUT_FILENO);
    widen_pipe(STDIN_FILENO);
    widen_pipe(STDOUT_FILENO);
    if (chdir("/") != 0) return refuse("agent: no root directory\n");
    Agent(STDIN_FILENO, STDOUT_FILENO, std::chrono::milliseconds(unclaimed_ms),
          is_standby ? afterlife_of_standby : std::chrono::milliseconds(0),
          arguments.subspan(std::min<std::size_t>(arguments.size(), 1)))
        .run();
    _exit(0);
}
