#pragma once

#include <boost/describe/class.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace sbx {

/// Ceilings on one execution and on the sandbox it runs in. Member names are the JSON keys.
/// An absent optional means "no limit"; every other value is above 0.
struct Limits {
    std::optional<std::chrono::milliseconds> wall_ms = std::chrono::minutes(10);  ///< counted from the program's start
    std::chrono::milliseconds grace_ms = std::chrono::seconds(2);  ///< between the polite signal and SIGKILL
    std::optional<std::chrono::milliseconds> cpu_ms;               ///< RLIMIT_CPU of the program, rounded up to seconds
    std::uint64_t memory_bytes = 512ULL << 20;                     ///< memory and swap together: no swap
    std::uint64_t disk_bytes = 256ULL << 20;                       ///< size of the work directory's tmpfs
    std::optional<std::uint64_t> output_bytes = 64ULL << 20;       ///< stdout and stderr together
    std::uint32_t millicpus = 1000;                                ///< thousandths of one core
    std::uint32_t pids = 128;                                      ///< processes and threads

    bool operator==(const Limits&) const = default;
};
BOOST_DESCRIBE_STRUCT(Limits, (), (wall_ms, grace_ms, cpu_ms, memory_bytes, disk_bytes, output_bytes, millicpus, pids))

}  // namespace sbx
