#include "core/sandbox/spec_label.hpp"

#include "core/sandbox/short_hash.hpp"

#include <fmt/format.h>

namespace sbx {

std::string spec_hash(const Plan& plan)
{
    const Limits& limits = plan.limits;  // of these only what belongs to the container
    std::string all =
        fmt::format("{}\n{} {} {} {}\n{} {} {}", plan.image, limits.memory_bytes, limits.disk_bytes, limits.millicpus,
                    limits.pids, static_cast<int>(plan.network), static_cast<int>(plan.isolation), plan.one_shot);
    for (const Mount& mount : plan.mounts) all += fmt::format("\n{} {}", mount.volume, mount.target);
    return short_hash(all);
}

}  // namespace sbx
