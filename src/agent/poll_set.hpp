#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sbx::agent {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

class Pollable {
   public:
    virtual ~Pollable() = default;
    virtual void on_ready(int fd, short events) = 0;
};

/// What the agent waits for. Filled anew for every wait, from what each part wants at that moment: no interest can be
/// left behind, and a descriptor that nothing may be done with now is simply not in it.
class PollSet {
   public:
    PollSet();

    void clear();
    void add(int fd, short events, Pollable& target);
    /// Waits until something is ready or `deadline` has come, then tells the targets, in an order that differs each
    /// time.
    void wait(TimePoint deadline);

   private:
    std::vector<pollfd> descriptors_;
    std::vector<Pollable*> targets_;
    std::uint32_t turn_ = 1;
};

}  // namespace sbx::agent
