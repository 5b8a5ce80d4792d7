#include "daemon/access/failure_limit.hpp"

namespace sbx::daemon {

bool FailureLimit::is_blocked(const std::string& address, TimePoint now) const
{
    const auto at = failures_.find(address);
    return at != failures_.end() && at->second.size() >= most && now - at->second.back() < period;
}

void FailureLimit::note(const std::string& address, TimePoint now)
{
    if (failures_.size() >= most_addresses) forget_old(now);
    std::deque<TimePoint>& times = failures_[address];
    while (!times.empty() && now - times.front() >= period) times.pop_front();
    times.push_back(now);
    if (times.size() > most) times.pop_front();
}

void FailureLimit::forget_old(TimePoint now)
{
    std::erase_if(failures_, [&](const auto& entry) { return now - entry.second.back() >= period; });
    if (failures_.size() >= most_addresses) failures_.clear();
}

}  // namespace sbx::daemon
