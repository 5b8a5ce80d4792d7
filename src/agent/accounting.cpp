#include "agent/accounting.hpp"

#include "core/descriptor.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace sbx::agent {
namespace {

constexpr std::uint64_t unlimited = std::uint64_t{1} << 50;  // v1 writes "no limit" as a huge number

/// The first kilobyte of a small file of the kernel's, as it is at the time of each question.
class KernelFile {
   public:
    explicit KernelFile(const char* path) : fd_(::open(path, O_RDONLY | O_CLOEXEC)) {}

    bool exists() const { return static_cast<bool>(fd_); }
    std::uint64_t number() const { return number_of(""); }
    /// The number on the line that starts with `key`.
    std::uint64_t number_of(std::string_view key) const
    {
        char bytes[1024];
        const long count = fd_ ? ::pread(fd_.get(), bytes, sizeof bytes, 0) : 0;
        const std::string_view text(bytes, static_cast<std::size_t>(std::max(count, 0L)));
        for (std::size_t at = 0; at < text.size();) {
            if (text.substr(at).starts_with(key)) return to_number(text.substr(at + key.size()));
            const std::size_t end = text.find('\n', at);
            at = end == std::string_view::npos ? text.size() : end + 1;
        }
        return 0;
    }

   private:
    static std::uint64_t to_number(std::string_view text)
    {
        std::uint64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    }

    Descriptor fd_;
};

/// Read before and after every program, and therefore kept open.
struct MemoryFiles {
    std::uint32_t cgroup_version;  ///< 0 when there are none
    KernelFile events;
    KernelFile peak;
    KernelFile limit;
};

const MemoryFiles& memory_files()
{
    static const MemoryFiles files = [] {
        MemoryFiles v2{2, KernelFile("/sys/fs/cgroup/memory.events"), KernelFile("/sys/fs/cgroup/memory.peak"),
                       KernelFile("/sys/fs/cgroup/memory.max")};
        if (v2.events.exists()) return v2;
        MemoryFiles v1{1, KernelFile("/sys/fs/cgroup/memory/memory.oom_control"),
                       KernelFile("/sys/fs/cgroup/memory/memory.max_usage_in_bytes"),
                       KernelFile("/sys/fs/cgroup/memory/memory.limit_in_bytes")};
        if (!v1.events.exists()) v1.cgroup_version = 0;
        return v1;
    }();
    return files;
}

std::optional<struct statfs> tmpfs_at(const char* path)
{
    struct statfs at = {};
    if (statfs(path, &at) != 0 || at.f_type != TMPFS_MAGIC) return {};
    return at;
}

std::uint64_t used_bytes(const char* path)
{
    const auto at = tmpfs_at(path);
    return at ? (at->f_blocks - at->f_bfree) * static_cast<std::uint64_t>(at->f_bsize) : 0;
}

std::uint64_t size_bytes(const char* path)
{
    const auto at = tmpfs_at(path);
    return at ? at->f_blocks * static_cast<std::uint64_t>(at->f_bsize) : 0;
}

/// Without what was read from files and can be dropped: nothing is short of memory because of it.
std::uint64_t held_bytes(const char* usage, const char* statistics)
{
    const std::uint64_t used = KernelFile(usage).number();
    return used - std::min(used, KernelFile(statistics).number_of("inactive_file "));
}

bool is_full(const char* path)
{
    const auto at = tmpfs_at(path);
    if (!at) return false;
    return at->f_bavail * static_cast<std::uint64_t>(at->f_bsize) < 64U << 10 || (at->f_files > 0 && at->f_ffree < 16);
}

}  // namespace

Memory read_memory()
{
    const MemoryFiles& files = memory_files();
    Memory memory;
    memory.cgroup_version = files.cgroup_version;
    memory.oom_kills = read_oom_kills();
    memory.peak_bytes = files.peak.number();
    memory.limit_bytes = files.limit.number();
    if (memory.limit_bytes >= unlimited) memory.limit_bytes = 0;
    memory.in_files_bytes = used_bytes("/work") + used_bytes("/tmp") + used_bytes("/dev/shm");
    return memory;
}

wire::Measured measure_sandbox()
{
    wire::Measured measured;
    if (const KernelFile cpu("/sys/fs/cgroup/cpu.stat"); cpu.exists()) {
        measured.cpu_us = cpu.number_of("usage_usec ");
        measured.memory_bytes = held_bytes("/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat");
        measured.processes = KernelFile("/sys/fs/cgroup/pids.current").number();
    } else {
        measured.cpu_us = KernelFile("/sys/fs/cgroup/cpuacct/cpuacct.usage").number() / 1000;
        measured.memory_bytes =
            held_bytes("/sys/fs/cgroup/memory/memory.usage_in_bytes", "/sys/fs/cgroup/memory/memory.stat");
        measured.processes = KernelFile("/sys/fs/cgroup/pids/pids.current").number();
    }
    measured.memory_peak_bytes = read_memory().peak_bytes;
    measured.work_bytes = used_bytes("/work");
    measured.work_size_bytes = size_bytes("/work");
    measured.tmp_bytes = used_bytes("/tmp");
    measured.tmp_size_bytes = size_bytes("/tmp");
    return measured;
}

std::uint64_t read_oom_kills()
{
    return memory_files().events.number_of("oom_kill ");
}

bool is_disk_full()
{
    return is_full("/work") || is_full("/tmp");
}

}  // namespace sbx::agent
