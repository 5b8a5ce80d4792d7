#include "core/docker/container_config.hpp"

#include "catch.hpp"

#include <fstream>
#include <set>

namespace {

sbx::Plan usual_plan()
{
    sbx::Plan plan;
    plan.image = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
    plan.labels = {{"sbx.expires", "1790000000"}, {"sbx.instance", "i"}, {"sbx.sandbox", "s"}};
    sbx::Mount agent;
    agent.volume = "sbx-agent-0123456789ab";
    agent.target = "/.sbx";
    agent.labels = {{"sbx.agent", "a"}};
    plan.mounts.push_back(agent);
    return plan;
}

nlohmann::json golden(const std::string& name)
{
    std::ifstream in(std::string(SBX_GOLDEN) + "/" + name);
    return nlohmann::json::parse(in);
}

/// The profile is compared on its own.
nlohmann::json without_profile(nlohmann::json config)
{
    config["HostConfig"]["SecurityOpt"].erase(1);
    return config;
}

nlohmann::json profile()
{
    const auto config = sbx::docker::container_config(usual_plan(), false);
    const auto text = config["HostConfig"]["SecurityOpt"][1].get<std::string>();
    REQUIRE(text.starts_with("seccomp="));
    return nlohmann::json::parse(text.substr(8));
}

bool allows(const nlohmann::json& seccomp, const std::string& call)
{
    for (const auto& rule : seccomp["syscalls"])
        for (const auto& name : rule["names"])
            if (name == call && rule["action"] == "SCMP_ACT_ALLOW") return true;
    return false;
}

}  // namespace

TEST_CASE("a plan becomes exactly the golden container, under either cgroup version")
{
    CHECK(without_profile(sbx::docker::container_config(usual_plan(), false)) == golden("cgroup_v1.json"));
    CHECK(without_profile(sbx::docker::container_config(usual_plan(), true)) == golden("cgroup_v2.json"));
}

TEST_CASE("limits reach the fields that enforce them and no other field")
{
    const auto before = sbx::docker::container_config(usual_plan(), false);
    sbx::Plan plan = usual_plan();
    plan.limits.memory_bytes = 1ULL << 30;
    plan.limits.disk_bytes = (3ULL << 20) + 1024;
    plan.limits.millicpus = 250;
    plan.limits.pids = 7;
    plan.one_shot = false;
    const auto after = sbx::docker::container_config(plan, false);
    std::set<std::string> changed;
    for (const auto& step : nlohmann::json::diff(before, after)) changed.insert(step["path"].get<std::string>());
    CHECK(changed == std::set<std::string>{"/HostConfig/Memory", "/HostConfig/MemorySwap", "/HostConfig/NanoCpus",
                                           "/HostConfig/PidsLimit", "/HostConfig/Tmpfs/~1tmp",
                                           "/HostConfig/Tmpfs/~1work", "/StdinOnce"});
    CHECK(after["HostConfig"]["MemorySwap"] == 1ULL << 30);
    CHECK(after["HostConfig"]["NanoCpus"] == 250'000'000);
    CHECK(after["HostConfig"]["PidsLimit"] == 7);
    CHECK(after["HostConfig"]["Tmpfs"]["/work"].get<std::string>().find("size=3073k,") != std::string::npos);
    CHECK(after["HostConfig"]["Tmpfs"]["/tmp"].get<std::string>().find("size=1573376,") != std::string::npos);
}

TEST_CASE("a network is given only when the plan asks for one")
{
    sbx::Plan plan = usual_plan();
    plan.network = sbx::Network::full;
    const auto config = sbx::docker::container_config(plan, false);
    CHECK(config["HostConfig"]["NetworkMode"] == "bridge");
    CHECK(config["NetworkDisabled"] == false);
}

TEST_CASE("gvisor names its runtime and gets enough threads for the sentry")
{
    sbx::Plan plan = usual_plan();
    plan.isolation = sbx::Isolation::gvisor;
    const auto config = sbx::docker::container_config(plan, false);
    CHECK(config["HostConfig"]["Runtime"] == "runsc");
    CHECK(config["HostConfig"]["PidsLimit"] == 1024);
}

TEST_CASE("the seccomp profile refuses what is not listed and never allows what opens the host")
{
    const auto seccomp = profile();
    CHECK(seccomp["defaultAction"] == "SCMP_ACT_ERRNO");
    CHECK(seccomp["defaultErrnoRet"] == 1);
    CHECK(seccomp["archMap"][0]["architecture"] == "SCMP_ARCH_X86_64");
    CHECK(seccomp["archMap"][1]["architecture"] == "SCMP_ARCH_AARCH64");
    for (const char* call : {"io_uring_setup", "bpf", "mount", "unshare", "setns", "ptrace", "keyctl", "userfaultfd",
                             "perf_event_open", "kexec_load", "init_module", "process_vm_readv", "clone3"})
        CHECK_FALSE(allows(seccomp, call));
    for (const char* call : {"read", "execve", "clone", "setresuid", "kill", "openat2"}) CHECK(allows(seccomp, call));
}

TEST_CASE("what carries files into a volume is never started, has no network, and is found by a sweep")
{
    const std::map<std::string, std::string> labels = {{"sbx.agent", "a"}};
    const auto config = sbx::docker::carrier_config("c", "i", "v", labels);
    CHECK(config["Labels"] == nlohmann::json({{"sbx.agent", "a"}, {"sbx.sandbox", "c"}}));
    CHECK(config["NetworkDisabled"] == true);
    CHECK(config["Entrypoint"] == nlohmann::json::array({"/never-started"}));
    const auto& mount = config["HostConfig"]["Mounts"][0];
    CHECK(mount["Source"] == "v");
    CHECK(mount["VolumeOptions"] == nlohmann::json({{"NoCopy", true}, {"Labels", labels}}));
}
