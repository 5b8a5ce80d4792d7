#pragma once

#include "agent/poll_set.hpp"

namespace sbx::agent {

/// How long the sandbox may live without hearing from its owner.
class Lease {
   public:
    Lease(TimePoint now, std::chrono::milliseconds length) : deadline_(now + length), ticked_(now) {}

    void renew(TimePoint now, std::chrono::milliseconds length);
    /// Looks at the clock. To be called at least once a second: a longer gap means that the agent itself did not run,
    /// frozen or stopped with its owner perhaps, and the owner gets time to come back.
    /// @return whether the lease has ended
    bool tick(TimePoint now);
    /// When `tick` must be called at the latest.
    TimePoint next_tick() const;

   private:
    TimePoint deadline_;
    TimePoint ticked_;
};

}  // namespace sbx::agent
