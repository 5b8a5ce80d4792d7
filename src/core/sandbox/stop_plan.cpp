#include "core/sandbox/stop_plan.hpp"

#include <csignal>

namespace sbx {
namespace {

/// SIGKILL works at once; an agent that has not said so by then is frozen or hostile.
constexpr std::chrono::seconds patience_after_kill{2};

}  // namespace

void StopPlan::ask(StopCause cause, int signal, TimePoint now)
{
    if (cause_) {
        kill_at_ = now;
        return;
    }
    cause_ = cause;
    signal_ = signal;
    kill_at_ = now + grace_;
}

void StopPlan::kill(StopCause cause, TimePoint now)
{
    if (!cause_) cause_ = cause;
    asked_ = true;
    kill_at_ = now;
}

std::vector<StopAction> StopPlan::due(TimePoint now)
{
    std::vector<StopAction> actions;
    if (!cause_ && time_limit_ && now >= *time_limit_) ask(StopCause::timeout, SIGTERM, now);
    if (!cause_) return actions;
    if (!asked_) {
        asked_ = true;
        actions.push_back(StopAction::ask);
    }
    if (!killed_ && now >= kill_at_) {
        killed_ = true;
        give_up_at_ = now + patience_after_kill;
        actions.push_back(StopAction::kill);
    }
    if (killed_ && !given_up_ && now >= give_up_at_) {
        given_up_ = true;
        actions.push_back(StopAction::give_up);
    }
    return actions;
}

std::optional<StopPlan::TimePoint> StopPlan::next() const
{
    if (!cause_) return time_limit_;
    if (!killed_) return kill_at_;
    if (!given_up_) return give_up_at_;
    return std::nullopt;
}

}  // namespace sbx
