#include "agent/accounting.hpp"

#include "core/descriptor.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace sbx::agent {
namespace {

constexpr std::uint64_t unlimited = std::uint64_t{1} << 50;  // v1 writes "no limit" as a huge number

/// The first kilobyte of a small file of the kernel's.
class SmallFile {
   public:
    explicit SmallFile(const char* path)
    {
        const Descriptor fd(::open(path, O_RDONLY | O_CLOEXEC));
        const long count = fd ? ::read(fd.get(), bytes_, sizeof bytes_) : 0;
        text_ = {bytes_, static_cast<std::size_t>(count > 0 ? count : 0)};
    }

    bool exists() const { return !text_.empty(); }
    std::uint64_t number() const { return number_at(0); }
    /// The number on the line that starts with `key`.
    std::uint64_t number_of(std::string_view key) const
    {
        for (std::size_t at = 0; at < text_.size();) {
            if (text_.substr(at).starts_with(key)) return number_at(at + key.size());
            const std::size_t end = text_.find('\n', at);
            at = end == std::string_view::npos ? text_.size() : end + 1;
        }
        return 0;
    }

   private:
    std::uint64_t number_at(std::size_t offset) const
    {
        std::uint64_t value = 0;
        std::from_chars(text_.data() + offset, text_.data() + text_.size(), value);
        return value;
    }

    char bytes_[1024];
    std::string_view text_;
};

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
    const std::uint64_t used = SmallFile(usage).number();
    return used - std::min(used, SmallFile(statistics).number_of("inactive_file "));
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
    Memory memory;
    if (const SmallFile events("/sys/fs/cgroup/memory.events"); events.exists()) {
        memory.cgroup_version = 2;
        memory.oom_kills = events.number_of("oom_kill ");
        memory.peak_bytes = SmallFile("/sys/fs/cgroup/memory.peak").number();
        memory.limit_bytes = SmallFile("/sys/fs/cgroup/memory.max").number();
    } else if (const SmallFile control("/sys/fs/cgroup/memory/memory.oom_control"); control.exists()) {
        memory.cgroup_version = 1;
        memory.oom_kills = control.number_of("oom_kill ");
        memory.peak_bytes = SmallFile("/sys/fs/cgroup/memory/memory.max_usage_in_bytes").number();
        memory.limit_bytes = SmallFile("/sys/fs/cgroup/memory/memory.limit_in_bytes").number();
    }
    if (memory.limit_bytes >= unlimited) memory.limit_bytes = 0;
    memory.in_files_bytes = used_bytes("/work") + used_bytes("/tmp") + used_bytes("/dev/shm");
    return memory;
}

wire::Measured measure_sandbox()
{
    wire::Measured measured;
    if (const SmallFile cpu("/sys/fs/cgroup/cpu.stat"); cpu.exists()) {
        measured.cpu_us = cpu.number_of("usage_usec ");
        measured.memory_bytes = held_bytes("/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat");
        measured.processes = SmallFile("/sys/fs/cgroup/pids.current").number();
    } else {
        measured.cpu_us = SmallFile("/sys/fs/cgroup/cpuacct/cpuacct.usage").number() / 1000;
        measured.memory_bytes =
            held_bytes("/sys/fs/cgroup/memory/memory.usage_in_bytes", "/sys/fs/cgroup/memory/memory.stat");
        measured.processes = SmallFile("/sys/fs/cgroup/pids/pids.current").number();
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
    if (const SmallFile events("/sys/fs/cgroup/memory.events"); events.exists()) return events.number_of("oom_kill ");
    return SmallFile("/sys/fs/cgroup/memory/memory.oom_control").number_of("oom_kill ");
}

bool is_disk_full()
{
    return is_full("/work") || is_full("/tmp");
}

}  // namespace sbx::agent
