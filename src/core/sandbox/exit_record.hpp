#pragma once

#include "core/sandbox/run.hpp"
#include "core/sandbox/stop_plan.hpp"
#include "core/wire/messages.hpp"
#include "sbx/limits.hpp"

#include <chrono>
#include <optional>

namespace sbx {

inline constexpr int killed_exit = 137;  ///< of a program, or of process 1, that SIGKILL ended

/// What the owner knows of a phase when it has ended.
struct PhaseEnd {
    Phase phase = Phase::run;
    Limits limits;                         ///< `wall_ms` is the phase's own
    std::optional<StopCause> cause;        ///< why sbx ended it, if it did
    int polite_signal = 0;                 ///< the one that was passed on or sent first
    bool killed = false;                   ///< sbx had to kill
    std::chrono::milliseconds elapsed{0};  ///< on this machine's clock: what the agent says is capped by it
};

/// Fills in how a phase ended by the agent's account: exit code, signal, origin, reason, times, memory, and the words
/// for people where sbx or a limit ended it.
void record_exit(const wire::Exit& exit, const PhaseEnd& end, RunResult& result);

/// The same when the sandbox ended without an exit frame: the engine's word decides.
/// @param ending  nothing when the engine did not say it in time
void record_lost(const std::optional<Ending>& ending, const PhaseEnd& end, RunResult& result);

}  // namespace sbx
