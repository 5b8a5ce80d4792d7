#include "agent/poll_set.hpp"

#include <algorithm>

namespace sbx::agent {

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
    if (ppoll(descriptors_.data(), descriptors_.size(), &timeout, nullptr) <= 0) return;
    // Only one stream's output goes out at a time. Were it always the first one's turn, a flood would silence the rest.
    turn_ = turn_ * 1'664'525 + 1'013'904'223;
    const std::size_t first = (turn_ >> 16) % descriptors_.size();
    for (std::size_t i = 0; i < descriptors_.size(); ++i) {
        const std::size_t at = (first + i) % descriptors_.size();
        if (descriptors_[at].revents != 0) targets_[at]->on_ready(descriptors_[at].fd, descriptors_[at].revents);
    }
}

}  // namespace sbx::agent
