#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <string>

namespace sbx::daemon {

/// Counts wrong keys by address (SECURITY-TARGETS §5): twenty in a minute, and that address must wait a minute. Right
/// keys are never slowed down.
class FailureLimit {
   public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// Whether this address must wait.
    bool is_blocked(const std::string& address, TimePoint now) const;
    void note(const std::string& address, TimePoint now);

   private:
    static constexpr std::size_t most = 20;
    static constexpr std::chrono::seconds period{60};
    static constexpr std::size_t most_addresses = 10'000;

    void forget_old(TimePoint now);

    std::map<std::string, std::deque<TimePoint>> failures_;
};

}  // namespace sbx::daemon
