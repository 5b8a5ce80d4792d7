#include "core/docker/container_config.hpp"
#include "core/docker/engine.hpp"
#include "core/docker/reply.hpp"
#include "core/docker/time.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sbx::docker {
namespace {

constexpr std::chrono::seconds kill_limit(10);

std::string container_path(const std::string& id, std::string_view action)
{
    return fmt::format("/containers/{}/{}", encoded(id), action);
}

/// How long to wait for a `die` event that the engine sends right after the wait's answer.
constexpr std::chrono::seconds last_events_limit(2);
constexpr std::uint64_t max_events_bytes = 4U << 20;

EngineEvent read_event(const nlohmann::json& json)
{
    EngineEvent event;
    event.action = json.at("Action").get<std::string>();
    const auto& actor = json.at("Actor");
    event.id = actor.at("ID").get<std::string>();
    event.attributes = actor.value("Attributes", std::map<std::string, std::string>());
    event.time = from_nanoseconds(json.value("timeNano", std::int64_t{0}));
    return event;
}

SandboxInfo read_sandbox(const nlohmann::json& json)
{
    SandboxInfo sandbox;
    sandbox.id = json.at("Id").get<std::string>();
    const auto& names = json.at("Names");
    if (names.is_array() && !names.empty()) sandbox.name = names.front().get<std::string>();
    if (sandbox.name.starts_with('/')) sandbox.name.erase(0, 1);
    sandbox.image = json.value("Image", "");
    sandbox.state = json.value("State", "");
    if (json.contains("Labels") && json["Labels"].is_object()) json["Labels"].get_to(sandbox.labels);
    sandbox.created = from_seconds(json.value("Created", std::int64_t{0}));
    return sandbox;
}

/// `StatusCode` of a wait's answer; absent when the engine could not tell.
Result<std::optional<int>> read_exit_code(std::string_view body)
{
    const Result<nlohmann::json> json = parse_reply(200, body);
    if (!json) return json.error();
    return read_json(*json, [](const nlohmann::json& reply) -> std::optional<int> {
        if (reply.contains("Error") && reply["Error"].is_object()) return std::nullopt;
        return reply.at("StatusCode").get<int>();
    });
}

std::string event_target(const std::string& id)
{
    const nlohmann::json filters = {{"type", {"container"}}, {"container", {id}}};
    return "/events?filters=" + encoded(filters.dump());
}

/// Takes the whole lines out of `buffered`.
Result<std::vector<EngineEvent>> take_events(std::string& buffered)
{
    std::vector<EngineEvent> events;
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = buffered.find('\n', begin)) != std::string::npos; begin = end + 1) {
        const Result<nlohmann::json> json = parse_reply(200, std::string_view(buffered).substr(begin, end - begin));
        if (!json) return json.error();
        auto event = read_json(*json, read_event);
        if (!event) return event.error();
        events.push_back(std::move(*event));
    }
    buffered.erase(0, begin);
    return events;
}

/// Nothing that matters comes after it.
bool is_an_end(const EngineEvent& event)
{
    return event.action == "die" || event.action == "destroy";
}

void judge(Ending& ending, const std::vector<EngineEvent>& events, bool ended_by_us)
{
    for (const EngineEvent& event : events) {
        if (event.action == "oom") ending.oom = true;
        if (event.action == "kill" && !ended_by_us) ending.killed = true;
    }
}

}  // namespace

asio::awaitable<Result<std::shared_ptr<Exchange>>> Engine::send_attach(std::string id)
{
    Request request(http::verb::post, container_path(id, "attach?stream=1&stdin=1&stdout=1&stderr=1"));
    request.headers.emplace_back("Connection", "Upgrade");
    request.headers.emplace_back("Upgrade", "tcp");
    co_return co_await client_.send(std::move(request), default_limit, max_reply_bytes);
}

asio::awaitable<Result<std::shared_ptr<Attachment>>> Engine::hijack(std::string id, std::shared_ptr<Exchange> attaching)
{
    const Result<void> begun = co_await client_.begin(attaching);
    if (!begun) co_return begun.error();
    // Any other success is an answer, not a stream; a proxy in between may strip what asks for the upgrade.
    if (attaching->status() != 101)
        co_return Error(Errc::unavailable,
                        fmt::format("docker: the attach was not upgraded to a stream (status {})", attaching->status()),
                        "reach the engine without a proxy: check DOCKER_HOST");
    const auto attachment = std::make_shared<Attachment>(client_.executor(), attaching->connection());
    std::erase_if(attached_, [](const auto& entry) { return entry.second.expired(); });
    attached_.emplace(id, attachment);
    co_return attachment;
}

asio::awaitable<Result<std::unique_ptr<Channel>>> Engine::reconnect(std::string id)
{
    const auto attaching = co_await send_attach(id);
    if (!attaching) co_return attaching.error();
    const auto attached = co_await hijack(id, *attaching);
    if (!attached) co_return attached.error();
    (*attached)->connection->expire_never();
    std::unique_ptr<Channel> channel = std::make_unique<AttachChannel>(*attached);
    co_return channel;
}

asio::awaitable<Result<std::unique_ptr<Channel>>> Engine::bridge(std::string id)
{
    if (std::unique_ptr<Channel> direct = co_await direct_channel(id)) co_return direct;
    const nlohmann::json command = {{"AttachStdin", true}, {"AttachStdout", true}, {"AttachStderr", true},
                                    {"Tty", false},        {"User", "0:0"},        {"Cmd", {agent_path, "connect"}}};
    Request create(http::verb::post, container_path(id, "exec"), command.dump());
    const Result<nlohmann::json> created = co_await client_.call(std::move(create), default_limit);
    if (!created) co_return created.error();
    const auto exec = read_json(*created, [](const nlohmann::json& json) { return json.at("Id").get<std::string>(); });
    if (!exec) co_return exec.error();
    const nlohmann::json how = {{"Detach", false}, {"Tty", false}};
    Request start(http::verb::post, fmt::format("/exec/{}/start", encoded(*exec)), how.dump());
    start.headers.emplace_back("Connection", "Upgrade");
    start.headers.emplace_back("Upgrade", "tcp");
    const auto starting = co_await client_.send(std::move(start), default_limit, max_reply_bytes);
    if (!starting) co_return starting.error();
    const auto attached = co_await hijack(id, *starting);
    if (!attached) co_return attached.error();
    (*attached)->connection->expire_never();
    std::unique_ptr<Channel> channel = std::make_unique<AttachChannel>(*attached);
    co_return channel;
}

asio::awaitable<Result<Ending>> Engine::wait(std::string id)
{
    Request request(http::verb::post, container_path(id, "wait?condition=not-running"));
    const auto waiting = co_await client_.send(std::move(request), default_limit, max_reply_bytes);
    if (!waiting) co_return waiting.error();
    const Result<void> waits = co_await client_.begin(*waiting);
    if (!waits && waits.error().code == Errc::not_found) co_return co_await past_ending(id);
    if (!waits) co_return waits.error();
    (*waiting)->connection()->expire_never();
    co_return co_await await_ending(id, *waiting, nullptr);
}

asio::awaitable<Result<Ending>> Engine::await_ending(std::string id, std::shared_ptr<Exchange> waiting,
                                                     std::shared_ptr<Attachment> attachment)
{
    const Result<std::string> body = co_await waiting->rest();
    if (!body) co_return body.error();
    const Result<std::optional<int>> exit_code = read_exit_code(*body);
    if (!exit_code) co_return exit_code.error();
    const Result<std::vector<EngineEvent>> events = co_await last_events(id);
    if (!events) co_return events.error();
    Ending ending;
    ending.exit_code = *exit_code;
    judge(ending, *events, attachment && attachment->ended_by_us);
    if (attachment) ending.last_words = attachment->demux.last_stderr();
    co_return ending;
}

asio::awaitable<Result<Ending>> Engine::past_ending(std::string id)
{
    const Result<std::vector<EngineEvent>> events = co_await last_events(id);
    if (!events) co_return events.error();
    Ending ending;
    judge(ending, *events, false);
    co_return ending;
}

asio::awaitable<Result<std::vector<EngineEvent>>> Engine::last_events(std::string id)
{
    // `since=1` is all that the engine still holds; this container's own are told by its id, not by anyone's clock.
    Request request(http::verb::get, event_target(id) + "&since=1");
    const auto exchange = co_await client_.send(std::move(request), last_events_limit, max_events_bytes);
    if (!exchange) co_return exchange.error();
    const Result<void> begun = co_await client_.begin(*exchange);
    if (!begun) co_return begun.error();
    std::vector<EngineEvent> all;
    for (std::string buffered;;) {
        const Result<std::string> part = co_await (*exchange)->next();
        const bool no_die_came = !part && part.error().code == Errc::deadline_exceeded;
        if (no_die_came || (part && part->empty())) co_return all;
        if (!part) co_return part.error();
        buffered += *part;
        Result<std::vector<EngineEvent>> events = take_events(buffered);
        if (!events) co_return events.error();
        all.insert(all.end(), events->begin(), events->end());
        if (std::any_of(all.begin(), all.end(), is_an_end)) co_return all;
    }
}

asio::awaitable<Result<std::vector<EngineEvent>>> Engine::events(std::string id,
                                                                 std::chrono::system_clock::time_point since)
{
    const auto now = std::chrono::system_clock::now();
    Request request(http::verb::get,
                    fmt::format("{}&since={}&until={}", event_target(id), unix_seconds(since), unix_seconds(now)));
    Result<std::string> body = co_await client_.call_raw(std::move(request), default_limit, max_events_bytes);
    if (!body) co_return body.error();
    co_return take_events(*body);
}

asio::awaitable<Result<void>> Engine::pause(std::string id)
{
    Request request(http::verb::post, container_path(id, "pause"));
    const Result<nlohmann::json> paused = co_await client_.call(std::move(request), default_limit);
    if (!paused) co_return paused.error();
    co_return Result<void>();
}

asio::awaitable<Result<void>> Engine::resume(std::string id)
{
    Request request(http::verb::post, container_path(id, "unpause"));
    const Result<nlohmann::json> resumed = co_await client_.call(std::move(request), default_limit);
    if (!resumed) co_return resumed.error();
    co_return Result<void>();
}

void Engine::end_channels(const std::string& id)
{
    const auto [first, last] = attached_.equal_range(id);
    for (auto entry = first; entry != last; ++entry) {
        const std::shared_ptr<Attachment> attachment = entry->second.lock();
        if (!attachment) continue;
        attachment->ended_by_us = true;
        attachment->connection->close();
    }
    attached_.erase(first, last);
}

asio::awaitable<Result<void>> Engine::kill(std::string id)
{
    end_channels(id);
    Request request(http::verb::post, container_path(id, "kill"));
    const Result<nlohmann::json> killed = co_await client_.call(std::move(request), kill_limit);
    if (!killed) co_return killed.error();
    co_return Result<void>();
}

asio::awaitable<Result<void>> Engine::remove(std::string id)
{
    end_channels(id);
    Request request(http::verb::delete_, fmt::format("/containers/{}?force=1&v=1", encoded(id)));
    const Result<nlohmann::json> removed = co_await client_.call(std::move(request), kill_limit);
    if (removed || removed.error().code == Errc::not_found) co_return Result<void>();
    // The engine's own removal (AutoRemove) is already under way.
    const Error& error = removed.error();
    if (error.code == Errc::conflict && error.message.find("is already in progress") != std::string::npos)
        co_return Result<void>();
    co_return error;
}

asio::awaitable<Result<std::vector<SandboxInfo>>> Engine::list(std::string label)
{
    const nlohmann::json filters = {{"label", {label}}};
    Request request(http::verb::get, "/containers/json?all=1&filters=" + encoded(filters.dump()));
    const Result<nlohmann::json> reply = co_await client_.call(std::move(request), default_limit);
    if (!reply) co_return reply.error();
    co_return read_json(*reply, [](const nlohmann::json& json) {
        std::vector<SandboxInfo> sandboxes;
        for (const auto& entry : json.get_ref<const nlohmann::json::array_t&>())
            sandboxes.push_back(read_sandbox(entry));
        return sandboxes;
    });
}

}  // namespace sbx::docker
