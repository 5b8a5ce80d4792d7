#include "cli/remote.hpp"

#include "core/docker/reply.hpp"
#include "core/remote/remote_sandboxes.hpp"
#include "core/sandbox/keeper_client.hpp"
#include "core/sandbox/short_hash.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <unistd.h>

#include <exception>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 30s;
constexpr auto patience_for_nearby = 50ms;

/// Runs one coroutine over a client of its own to its end.
/// @param work  `asio::awaitable<Result<T>>(DaemonClient&)`; what it captures stays alive until it is done
template <class Work>
auto with_daemon(DaemonAddress address, const Work& work)
{
    using Outcome = typename std::invoke_result_t<Work, DaemonClient&>::value_type;
    asio::io_context io(1);
    DaemonClient client(io.get_executor(), std::move(address));
    std::optional<Outcome> outcome;
    std::exception_ptr thrown;
    asio::co_spawn(io, work(client), [&](const std::exception_ptr& e, Outcome value) {
        thrown = e;
        outcome.emplace(std::move(value));
        io.stop();  // a kept-alive connection has nothing more to say
    });
    io.run();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*outcome);
}

bool is_usual(const Context& context, const Settings& settings)
{
    Settings usual;
    usual.limits = settings.limits;
    usual.compile_timeout = settings.compile_timeout;
    const bool names_engine = context.environment("DOCKER_HOST") || context.environment("DOCKER_CONTEXT");
    return settings == usual && !names_engine && context.config_file.empty();
}

Result<std::vector<SandboxView>> read_runs(const nlohmann::json& answer)
try {
    std::vector<SandboxView> runs;
    for (const nlohmann::json& each : answer.at("runs")) {
        SandboxView view;
        view.kind = "run";
        view.state = "running";
        view.record.id = docker::printable(each.at("id").get<std::string>());
        view.record.image_name = docker::printable(each.at("image").get<std::string>());
        view.record.created = std::chrono::milliseconds(each.at("created_ms").get<std::int64_t>());
        runs.push_back(std::move(view));
    }
    return runs;
} catch (const nlohmann::json::exception&) {
    return unknown_answer();
}

}  // namespace

void add_place_flags(CLI::App& command, Context& context)
{
    command.add_option("--host", context.host, "The daemon to use: unix:PATH or http://HOST:PORT (SBX_HOST)")
        ->type_name("URL")
        ->group("Place");
    command.add_flag("--direct", context.direct, "This machine's engine, whatever SBX_HOST says")->group("Place");
}

std::optional<std::string> daemon_host(const Context& context)
{
    if (context.direct) return std::nullopt;
    if (!context.host.empty()) return context.host;
    const auto host = context.environment("SBX_HOST");
    return host && !host->empty() ? host : std::nullopt;
}

Result<DaemonAddress> daemon_address(const Context& context, const std::string& host)
{
    return parse_daemon_address(host, context.environment("SBX_API_KEY").value_or(""));
}

std::optional<std::string> nearby_daemon(const Context& context, const Settings& settings)
{
    if (context.direct || !is_usual(context, settings)) return std::nullopt;
    const std::filesystem::path runtime = directories(context.environment, ::getuid()).runtime;
    const std::filesystem::path socket = runtime / "sbx.sock";
    std::error_code failed;
    if (!std::filesystem::is_socket(socket, failed) || !make_private_directory(runtime)) return std::nullopt;
    const std::string host = "unix:" + socket.native();
    Result<DaemonAddress> address = parse_daemon_address(host, "");
    if (!address) return std::nullopt;
    const auto work = [](DaemonClient& client) {
        return client.call(docker::http::verb::get, "/health", nlohmann::json(), patience_for_nearby);
    };
    const Result<nlohmann::json> health = with_daemon(std::move(*address), work);
    return health ? std::optional(host) : std::nullopt;
}

Result<nlohmann::json> call_daemon(const Context& context, docker::http::verb method, std::string target,
                                   nlohmann::json body, std::chrono::milliseconds limit)
{
    Result<DaemonAddress> address = daemon_address(context, daemon_host(context).value_or(""));
    if (!address) return address.error();
    const auto work = [&](DaemonClient& client) { return client.call(method, target, body, limit); };
    return with_daemon(std::move(*address), work);
}

SandboxStore remote_store(const Context& context, const std::filesystem::path& state, const std::string& host)
{
    const std::string key = context.environment("SBX_API_KEY").value_or("");
    const std::filesystem::path mirror = state.empty() ? state : state / "hosts" / short_hash(host + "\n" + key);
    SandboxStore store(mirror);
    const Result<DaemonAddress> address = parse_daemon_address(host, key);
    store.set_refresh([address, mirror]() -> Result<void> {
        if (!address) return address.error();
        if (mirror.empty())
            return Error(Errc::unavailable, "there is no state directory to know sandboxes in", "set HOME");
        for (const auto& made : {mirror.parent_path(), mirror})
            if (const auto ready = make_private_directory(made); !ready) return ready.error();
        const SandboxStore to(mirror);
        const auto work = [&](DaemonClient& client) { return mirror_sandboxes(client, to); };
        return with_daemon(*address, work);
    });
    return store;
}

Result<std::unique_ptr<Channel>> remote_wire(const asio::any_io_executor& executor, const Context& context,
                                             const std::string& host, const SandboxRecord& record)
{
    Result<DaemonAddress> address = daemon_address(context, host);
    if (!address) return address.error();
    return sandbox_wire(executor, std::move(*address), record.id);
}

Result<void> forget_sandbox(const Context& context, const SandboxStore& store, const SandboxRecord& record)
{
    if (daemon_host(context)) {
        const auto forgotten = call_daemon(context, docker::http::verb::delete_, "/v1/client/sandboxes/" + record.id,
                                           nlohmann::json(), patience);
        if (!forgotten && forgotten.error().code != Errc::not_found) return forgotten.error();
    }
    store.forget(record);
    return {};
}

Result<std::vector<SandboxView>> view_remote(const Context& context, const SandboxStore& store)
{
    if (const auto fresh = store.refresh(); !fresh) return fresh.error();
    std::vector<SandboxView> all;
    for (SandboxRecord& record : store.list()) {
        SandboxView view;
        view.state = record.cause ? "ended" : is_paused(store, record) ? "paused" : "running";
        view.record = std::move(record);
        all.push_back(std::move(view));
    }
    const auto answer = call_daemon(context, docker::http::verb::get, "/v1/client/runs", nlohmann::json(), patience);
    if (!answer) return answer.error();
    auto runs = read_runs(*answer);
    if (!runs) return runs.error();
    all.insert(all.end(), std::make_move_iterator(runs->begin()), std::make_move_iterator(runs->end()));
    return all;
}

}  // namespace sbx::cli
