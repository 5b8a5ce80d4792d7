#pragma once

#include "daemon/api/field.hpp"
#include "daemon/api/route.hpp"
#include "sbx/limits.hpp"
#include "sbx/result.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace sbx::daemon {

/// The limits that a caller asks for; what is absent is the daemon's own default.
struct LimitsWish {
    std::optional<std::chrono::milliseconds> wall_ms;
    std::optional<std::chrono::milliseconds> cpu_ms;
    std::optional<std::uint64_t> memory_bytes;
    std::optional<std::uint64_t> disk_bytes;
    std::optional<std::uint64_t> output_bytes;
    std::optional<std::uint32_t> millicpus;
    std::optional<std::uint32_t> pids;

    bool operator==(const LimitsWish&) const = default;
};
BOOST_DESCRIBE_STRUCT(LimitsWish, (), (wall_ms, cpu_ms, memory_bytes, disk_bytes, output_bytes, millicpus, pids))

constexpr auto fields_of(const LimitsWish* /*type*/)
{
    return std::to_array<Field>({
        {.name = "wall_ms", .description = "From the start of the program to its end", .minimum = 1},
        {.name = "cpu_ms", .description = "Time on a processor", .minimum = 1},
        {.name = "memory_bytes", .description = "Memory, files in /work and /tmp included", .minimum = 8 << 20},
        {.name = "disk_bytes", .description = "Size of /work; at most half of the memory", .minimum = 1 << 20},
        {.name = "output_bytes", .description = "stdout and stderr together", .minimum = 1},
        {.name = "millicpus", .description = "Thousandths of a core", .minimum = 10},
        {.name = "pids", .description = "Processes and threads", .minimum = 4, .maximum = 32'768},
    });
}

/// What nobody but the operator may go beyond (SECURITY-TARGETS §9).
struct LimitsCeiling {
    std::chrono::milliseconds wall_ms = std::chrono::minutes(10);
    std::uint64_t memory_bytes = 4ULL << 30;
    std::uint64_t output_bytes = 64ULL << 20;
    std::uint32_t millicpus = 64'000;
    std::uint32_t pids = 1024;
};

/// Nothing for the operator.
std::optional<LimitsCeiling> ceiling_of(const Caller& caller);

/// The defaults, with what the caller asks for in their place.
/// @param ceiling  nothing for the operator
/// @error invalid_argument  a limit beyond the ceiling, or limits that do not go together
Result<Limits> merge(Limits defaults, const LimitsWish& wish, const std::optional<LimitsCeiling>& ceiling);

}  // namespace sbx::daemon
