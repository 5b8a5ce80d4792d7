#include "daemon/executions/limits_wish.hpp"

#include "core/config/settings.hpp"

#include <fmt/format.h>

namespace sbx::daemon {
namespace {

template <class T>
Result<void> at_most(const char* name, T value, T most)
{
    if (value <= most) return {};
    return Error(Errc::invalid_argument, fmt::format("limits.{}: at most {} is given here, not {}", name, most, value));
}

Result<void> check_ceiling(const Limits& limits, const LimitsCeiling& ceiling)
{
    if (!limits.wall_ms || !limits.output_bytes)
        return Error(Errc::invalid_argument, fmt::format("limits.{}: it is given here with a limit only",
                                                         limits.wall_ms ? "output_bytes" : "wall_ms"));
    for (const Result<void>& checked :
         {at_most("wall_ms", limits.wall_ms->count(), ceiling.wall_ms.count()),
          at_most("memory_bytes", limits.memory_bytes, ceiling.memory_bytes),
          at_most("output_bytes", *limits.output_bytes, ceiling.output_bytes),
          at_most("millicpus", limits.millicpus, ceiling.millicpus), at_most("pids", limits.pids, ceiling.pids)})
        if (!checked) return checked;
    return {};
}

}  // namespace

std::optional<LimitsCeiling> ceiling_of(const Caller& caller)
{
    if (caller.is_operator) return std::nullopt;
    return LimitsCeiling{};
}

Result<Limits> merge(Limits defaults, const LimitsWish& wish, const std::optional<LimitsCeiling>& ceiling)
{
    Limits limits = defaults;
    if (wish.wall_ms) limits.wall_ms = wish.wall_ms;
    if (wish.cpu_ms) limits.cpu_ms = wish.cpu_ms;
    limits.memory_bytes = wish.memory_bytes.value_or(limits.memory_bytes);
    limits.disk_bytes = wish.disk_bytes.value_or(std::min(limits.disk_bytes, limits.memory_bytes / 2));
    if (wish.output_bytes) limits.output_bytes = wish.output_bytes;
    limits.millicpus = wish.millicpus.value_or(limits.millicpus);
    limits.pids = wish.pids.value_or(limits.pids);
    if (ceiling)
        if (const auto within = check_ceiling(limits, *ceiling); !within) return within.error();
    if (const auto sound = check(limits); !sound) return sound.error();
    return limits;
}

}  // namespace sbx::daemon
