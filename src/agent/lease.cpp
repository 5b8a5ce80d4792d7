#include "agent/lease.hpp"

#include <algorithm>

namespace sbx::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_gap = 2s;
constexpr auto allowance = 10s;
constexpr std::chrono::milliseconds longest_lease = std::chrono::hours(24 * 365);

}  // namespace

void Lease::renew(TimePoint now, std::chrono::milliseconds length)
{
    deadline_ = now + std::min(length, longest_lease);
}

bool Lease::tick(TimePoint now)
{
    if (now - ticked_ > longest_gap) deadline_ = std::max(deadline_, now + allowance);
    ticked_ = now;
    return now >= deadline_;
}

TimePoint Lease::next_tick() const
{
    return std::min(deadline_, ticked_ + 1s);
}

}  // namespace sbx::agent
