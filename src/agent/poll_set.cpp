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
    for (std::size_t i = 0; i < descriptors_.size(); ++i)
        if (descriptors_[i].revents != 0) targets_[i]->on_ready(descriptors_[i].fd, descriptors_[i].revents);
}

}  // namespace sbx::agent
