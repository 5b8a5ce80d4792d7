#include "core/docker/container_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

extern "C" const char sbx_seccomp_profile[];
extern "C" const char sbx_seccomp_profile_end[];

namespace sbx::docker {
namespace {

using nlohmann::json;

constexpr std::uint64_t kib = 1ULL << 10;
constexpr std::uint64_t mib = 1ULL << 20;
constexpr std::uint32_t gvisor_min_pids = 1024;  // the sentry's own threads count

/// A size as tmpfs takes it, in the largest unit that is exact.
std::string tmpfs_size(std::uint64_t bytes)
{
    if (bytes % mib == 0) return fmt::format("{}m", bytes / mib);
    if (bytes % kib == 0) return fmt::format("{}k", bytes / kib);
    return std::to_string(bytes);
}

json tmpfs(const Plan& plan)
{
    const Limits& limits = plan.limits;
    const std::string work = tmpfs_size(limits.disk_bytes);
    const std::string tmp = tmpfs_size(limits.disk_bytes / 2);
    // With the other two, which take three quarters at most, never all of the memory: the agent needs some.
    const std::string shm = tmpfs_size(std::min(64 * mib, limits.memory_bytes / 8));
    json mounts = {
        {"/work", fmt::format("rw,nosuid,nodev,exec,size={},nr_inodes=65536,mode=0700,uid=1000,gid=1000", work)},
        {"/tmp", fmt::format("rw,nosuid,nodev,exec,size={},nr_inodes=16384,mode=1777", tmp)},
        {"/run/sbx", "rw,nosuid,nodev,noexec,size=64k,nr_inodes=64,mode=0700,uid=0"},
        {"/dev/shm", fmt::format("rw,nosuid,nodev,noexec,size={},nr_inodes=4096,mode=1777", shm)},
    };
    if (plan.library_bytes != 0)
        mounts[library_directory] =
            fmt::format("rw,nosuid,nodev,exec,size={},nr_inodes=262144,mode=0755,uid=1000,gid=1000",
                        tmpfs_size(plan.library_bytes));
    return mounts;
}

json ulimit(const char* name, std::int64_t soft, std::int64_t hard)
{
    return {{"Name", name}, {"Soft", soft}, {"Hard", hard}};
}

json ulimits()
{
    return json::array({ulimit("core", 0, 0), ulimit("nofile", 1024, 4096), ulimit("memlock", 65536, 65536),
                        ulimit("msgqueue", 0, 0)});
}

/// The engine's own list, which setting the field replaces, and what else tells of the host.
json masked_paths()
{
    return {"/proc/asound",
            "/proc/acpi",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/proc/kallsyms",
            "/proc/config.gz",
            "/proc/interrupts",
            "/proc/slabinfo",
            "/proc/vmallocinfo",
            "/proc/pagetypeinfo",
            "/proc/key-users",
            "/proc/partitions",
            "/sys/devices/virtual/powercap"};
}

json mounts(const Plan& plan)
{
    json list = json::array();
    for (const Mount& mount : plan.mounts) {
        json options = {{"NoCopy", true}};  // or an image's files at the target would fill an empty volume
        if (!mount.labels.empty()) options["Labels"] = mount.labels;
        list.push_back({{"Type", "volume"},
                        {"Source", mount.volume},
                        {"Target", mount.target},
                        {"ReadOnly", true},
                        {"VolumeOptions", std::move(options)}});
    }
    return list;
}

json security_options()
{
    const std::string_view profile(sbx_seccomp_profile, sbx_seccomp_profile_end);
    return {"no-new-privileges:true", fmt::format("seccomp={}", profile)};
}

json host_config(const Plan& plan, bool cgroup_v2)
{
    const Limits& limits = plan.limits;
    const bool gvisor = plan.isolation == Isolation::gvisor;
    json host = {
        {"NetworkMode", plan.network == Network::none ? "none" : "bridge"},
        {"ReadonlyRootfs", true},
        {"Tmpfs", tmpfs(plan)},
        {"Memory", limits.memory_bytes},
        {"MemorySwap", limits.memory_bytes},
        {"OomScoreAdj", 500},
        {"NanoCpus", std::uint64_t{limits.millicpus} * 1'000'000},
        {"CpuShares", 512},
        {"PidsLimit", gvisor ? std::max(limits.pids, gvisor_min_pids) : limits.pids},
        {"CapDrop", {"ALL"}},
        {"CapAdd", {"SETUID", "SETGID", "KILL"}},
        {"SecurityOpt", security_options()},
        {"Ulimits", ulimits()},
        {"IpcMode", "private"},
        {"CgroupnsMode", "private"},
        {"PidMode", ""},
        {"UTSMode", ""},
        {"UsernsMode", ""},
        {"MaskedPaths", masked_paths()},
        {"ReadonlyPaths", {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}},
        {"LogConfig", {{"Type", "none"}}},
        {"RestartPolicy", {{"Name", "no"}}},
        {"AutoRemove", true},
        {"Init", false},
        {"Mounts", mounts(plan)},
        {"Privileged", false},
        {"PublishAllPorts", false},
    };
    if (!cgroup_v2) {
        host["MemorySwappiness"] = 0;
        host["OomKillDisable"] = false;
    }
    if (gvisor) host["Runtime"] = "runsc";
    return host;
}

}  // namespace

json container_config(const Plan& plan, bool cgroup_v2)
{
    json config = {
        {"Image", plan.image},
        {"User", "0:0"},
        {"WorkingDir", "/"},
        {"Hostname", "sandbox"},
        {"NetworkDisabled", plan.network == Network::none},
        {"Tty", false},
        {"OpenStdin", true},
        {"StdinOnce", plan.one_shot},
        {"Healthcheck", {{"Test", {"NONE"}}}},
        {"StopSignal", "SIGKILL"},
        {"StopTimeout", 1},
        {"Volumes", json::object()},
        {"Entrypoint", {agent_path}},
        {"Labels", plan.labels},
        {"HostConfig", host_config(plan, cgroup_v2)},
    };
    if (!plan.agent_arguments.empty()) config["Cmd"] = plan.agent_arguments;
    return config;
}

json carrier_config(const std::string& name, const std::string& image, const std::string& volume,
                    const std::map<std::string, std::string>& labels)
{
    const json mount = {{"Type", "volume"},
                        {"Source", volume},
                        {"Target", "/.sbx"},
                        {"ReadOnly", false},
                        {"VolumeOptions", {{"NoCopy", true}, {"Labels", labels}}}};
    auto own_labels = labels;
    own_labels.emplace("sbx.sandbox", name);
    return {
        {"Image", image},
        {"Entrypoint", {"/never-started"}},
        {"NetworkDisabled", true},
        {"Labels", own_labels},
        {"HostConfig", {{"NetworkMode", "none"}, {"LogConfig", {{"Type", "none"}}}, {"Mounts", json::array({mount})}}},
    };
}

}  // namespace sbx::docker
