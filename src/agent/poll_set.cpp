#include "agent/poll_set.hpp"

#include <signal.h>
#include <sys/time.h>

#include <algorithm>

namespace sbx::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_call = 100ms;

/// Sends a signal after so long, and again; never with 0.
void nudge_every(std::chrono::microseconds pause)
{
    const timeval time{.tv_sec = 0, .tv_usec = pause.count()};
    const itimerval timer{.it_interval = time, .it_value = time};
    setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace

PollSet::PollSet()
{
    signal(SIGALRM, [](int) {});  // system calls other than the wait itself are restarted
}

void PollSet::clear()
{
    descriptors_.clear();
    targets_.clear();
}

void PollSet::add(int fd, short events, Pollable& target)
{
    descriptors_.push_back({.fd = fd, .events = events, .revents = 0});
    targets_.push_back(&target);
}

void PollSet::wait(TimePoint deadline)
{
    using namespace std::chrono;
    const auto left = std::max(duration_cast<nanoseconds>(deadline - Clock::now()), nanoseconds(0));
    const auto whole = duration_cast<seconds>(left);
    const timespec timeout{.tv_sec = whole.count(), .tv_nsec = (left - whole).count()};
    nudge_every(0ms);
    const int ready = ppoll(descriptors_.data(), descriptors_.size(), &timeout, nullptr);
    // Even a read(2) or close(2) can be made to wait: by a descriptor that user code sent over a channel, when it is
    // the last one of a socket with SO_LINGER. A signal ends that wait.
    nudge_every(longest_call);
    if (ready <= 0) return;
    // Only one stream's output goes out at a time. Were it always the first one's turn, a flood would silence the rest.
    turn_ = turn_ * 1'664'525 + 1'013'904'223;
    const std::size_t first = (turn_ >> 16) % descriptors_.size();
    for (std::size_t i = 0; i < descriptors_.size(); ++i) {
        const std::size_t at = (first + i) % descriptors_.size();
        if (descriptors_[at].revents != 0) targets_[at]->on_ready(descriptors_[at].fd, descriptors_[at].revents);
    }
}

}  // namespace sbx::agent
