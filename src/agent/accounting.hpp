#pragma once

#include "core/wire/messages.hpp"

#include <cstdint>

namespace sbx::agent {

/// What the kernel says of the sandbox's memory, as seen inside. 0 where it does not say.
struct Memory {
    std::uint32_t cgroup_version = 0;
    std::uint64_t oom_kills = 0;
    std::uint64_t peak_bytes = 0;
    std::uint64_t limit_bytes = 0;
    std::uint64_t in_files_bytes = 0;  ///< in the tmpfs of /work, /tmp and /dev/shm
};

/// The first time it opens files, and later times are faster.
Memory read_memory();

/// What the whole sandbox uses now.
wire::Measured measure_sandbox();

/// Only the counter of out-of-memory kills.
std::uint64_t read_oom_kills();

/// Whether /work or /tmp has less than 64 KiB or 16 inodes free.
bool is_disk_full();

}  // namespace sbx::agent
