#pragma once

#include "sbx/execution.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace sbx {

/// Why sbx ends a program.
enum class StopCause { timeout, output_limit, interrupted, reader_gone, output_failed };

/// What is to be done to the program now.
enum class StopAction {
    ask,      ///< send `StopPlan::polite_signal` to its process group
    kill,     ///< kill everything in the sandbox
    give_up,  ///< nobody answers inside: remove the sandbox
};

/// The schedule of an end: a polite signal, the grace time, SIGKILL, and at last the whole sandbox. No I/O and no clock
/// of its own.
class StopPlan {
   public:
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit StopPlan(std::chrono::milliseconds grace) : grace_(grace) {}

    /// A phase of the program begins.
    void begin(std::optional<TimePoint> time_limit) { time_limit_ = time_limit; }

    /// Ends the program politely. A second call kills at once.
    void ask(StopCause cause, int signal, TimePoint now);
    /// Ends it at once.
    void kill(StopCause cause, TimePoint now);

    /// What is due at `now`; each action is returned once.
    std::vector<StopAction> due(TimePoint now);
    /// When to look again.
    std::optional<TimePoint> next() const;

    std::optional<StopCause> cause() const { return cause_; }
    int polite_signal() const { return signal_; }
    /// Whether more than the polite signal was needed.
    bool killed() const { return killed_; }

   private:
    std::chrono::milliseconds grace_;
    std::optional<TimePoint> time_limit_;
    std::optional<StopCause> cause_;
    int signal_ = 0;
    bool asked_ = false;
    bool killed_ = false;
    bool given_up_ = false;
    TimePoint kill_at_;
    TimePoint give_up_at_;
};

}  // namespace sbx
