#include "core/docker/engine.hpp"

#include "core/docker/reply.hpp"
#include "core/docker/time.hpp"

#include <filesystem>

namespace sbx::docker {
namespace {

std::string neutral_architecture(const std::string& machine)
{
    if (machine == "x86_64") return "amd64";
    if (machine == "aarch64") return "arm64";
    return machine;
}

EngineInfo engine_info(const nlohmann::json& version, const nlohmann::json& info)
{
    EngineInfo engine;
    engine.name = "docker";
    engine.version = version.value("Version", "");
    engine.architecture = neutral_architecture(version.value("Arch", info.value("Architecture", "")));
    engine.os = info.value("OperatingSystem", version.value("Os", ""));
    engine.cpus = info.value("NCPU", 0U);
    engine.memory_bytes = info.value("MemTotal", std::uint64_t{0});
    engine.cgroup_v2 = info.value("CgroupVersion", "1") == "2";
    for (const std::string& option : info.value("SecurityOptions", std::vector<std::string>()))
        engine.seccomp = engine.seccomp || option.starts_with("name=seccomp");
    engine.time = parse_time(info.value("SystemTime", ""));
    const nlohmann::json runtimes = info.value("Runtimes", nlohmann::json::object());
    for (const auto& [name, unused] : runtimes.items()) engine.runtimes.push_back(name);
    engine.storage_driver = info.value("Driver", "");
    engine.id = info.value("ID", "");
    return engine;
}

}  // namespace

Engine::Engine(asio::any_io_executor executor, Endpoint endpoint, std::filesystem::path config_directory, Trace trace)
    : client_(std::move(executor), std::move(endpoint), std::move(trace)),
      config_directory_(std::move(config_directory))
{
}

asio::awaitable<Result<EngineInfo>> Engine::probe()
{
    Request version_request(http::verb::get, "/version");
    const Result<nlohmann::json> version = co_await client_.call(std::move(version_request), default_limit);
    if (!version) co_return version.error();
    Request info_request(http::verb::get, "/info");
    const Result<nlohmann::json> info = co_await client_.call(std::move(info_request), default_limit);
    if (!info) co_return info.error();
    auto engine = read_json(*info, [&](const nlohmann::json& json) { return engine_info(*version, json); });
    if (!engine) co_return engine.error();
    engine->api_version = client_.api_version();
    engine->endpoint = client_.endpoint().shown;
    cgroup_v2_ = engine->cgroup_v2;
    co_return engine;
}

asio::awaitable<Result<bool>> Engine::has_cgroup_v2()
{
    if (cgroup_v2_) co_return *cgroup_v2_;
    std::error_code ec;
    if (client_.endpoint().scheme == Scheme::unix_socket && std::filesystem::exists("/sys/fs/cgroup", ec)) {
        // An engine on this kernel; should the socket lead elsewhere, the engine drops what its kernel does not have.
        cgroup_v2_ = std::filesystem::exists("/sys/fs/cgroup/cgroup.controllers", ec);
        co_return *cgroup_v2_;
    }
    const Result<EngineInfo> info = co_await probe();
    if (!info) co_return info.error();
    co_return info->cgroup_v2;
}

Result<std::unique_ptr<sbx::Engine>> make_engine(asio::any_io_executor executor, Endpoint endpoint,
                                                 std::filesystem::path config_directory, Trace trace)
{
    return std::unique_ptr<sbx::Engine>(std::make_unique<Engine>(std::move(executor), std::move(endpoint),
                                                                 std::move(config_directory), std::move(trace)));
}

}  // namespace sbx::docker
