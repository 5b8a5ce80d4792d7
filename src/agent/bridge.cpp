#include "agent/bridge.hpp"

#include "agent/agent_socket.hpp"
#include "agent/pipes.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <string_view>

namespace sbx::agent {
namespace {

/// One direction: reads no more before all of it is written.
class Lane {
   public:
    Lane(int from, int to) : from_(from), to_(to) {}

    pollfd wanted() const
    {
        return sent_ < filled_ ? pollfd{.fd = to_, .events = POLLOUT, .revents = 0}
                               : pollfd{.fd = from_, .events = POLLIN, .revents = 0};
    }
    /// @return false when one of the two ends is gone
    bool move()
    {
        if (sent_ == filled_) {
            const long count = ::read(from_, bytes_, sizeof bytes_);
            if (count <= 0) return count < 0 && (errno == EAGAIN || errno == EINTR);
            sent_ = 0;
            filled_ = static_cast<std::size_t>(count);
        }
        const long count = ::write(to_, bytes_ + sent_, filled_ - sent_);
        if (count < 0) return errno == EAGAIN || errno == EINTR;
        sent_ += static_cast<std::size_t>(count);
        return true;
    }

   private:
    int from_;
    int to_;
    std::size_t sent_ = 0;
    std::size_t filled_ = 0;
    char bytes_[64 << 10];
};

/// What programs are asked to end by reaches every process: this one ends with its streams.
void ignore_signals()
{
    for (int number = 1; number <= SIGRTMAX; ++number) ::signal(number, SIG_IGN);
}

}  // namespace

int run_bridge()
{
    ignore_signals();
    const Descriptor agent = connect_to_agent();
    if (!agent) {
        constexpr std::string_view message = "agent: no agent listens here\n";
        [[maybe_unused]] const long ignored = ::write(STDERR_FILENO, message.data(), message.size());
        return 1;
    }
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, agent.get()}) make_nonblocking(fd);
    static Lane lanes[] = {{STDIN_FILENO, agent.get()}, {agent.get(), STDOUT_FILENO}};
    for (;;) {
        pollfd wanted[] = {lanes[0].wanted(), lanes[1].wanted()};
        if (poll(wanted, 2, -1) < 0 && errno != EINTR) return 1;
        for (int i = 0; i < 2; ++i)
            if (wanted[i].revents != 0 && !lanes[i].move()) return 0;
    }
}

}  // namespace sbx::agent
