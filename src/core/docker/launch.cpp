#include "core/docker/container_config.hpp"
#include "core/docker/engine.hpp"
#include "core/docker/reply.hpp"
#include "core/random.hpp"
#include "core/with_timeout.hpp"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <exception>

namespace sbx::docker {
namespace {

constexpr std::chrono::seconds create_limit(30);
constexpr std::chrono::seconds create_limit_once_cancelled(5);
constexpr std::chrono::seconds start_limit(15);
constexpr std::size_t taken_before_start = 128U << 10;

/// Errors of ContainerCreate as a user of sandboxes understands them.
Error create_error(Error error, std::string_view image)
{
    if (error.message.find("Range of CPUs") != std::string::npos)
        return Error(Errc::invalid_argument, error.message, "choose fewer with --cpus");
    if (error.code != Errc::not_found || error.message.find("No such image") == std::string::npos) return error;
    return Error(Errc::image_unavailable, fmt::format("the engine has no image {}", image),
                 fmt::format("docker pull {}", image));
}

/// Limits that a kernel, or a rootless engine without cgroups of its own, does not enforce: the container was made
/// without them. @source moby: daemon/daemon_unix.go, verifyPlatformContainerResources
bool tells_of_a_missing_limit(std::string_view warning)
{
    constexpr std::array<std::string_view, 3> limits{"memory limit", "swap limit", "pids limit"};
    return std::any_of(limits.begin(), limits.end(), [&](std::string_view limit) {
        return warning.find(fmt::format("does not support {}", limit)) != std::string_view::npos;
    });
}

/// @return the container's id
Result<std::string> read_created(std::string_view body)
{
    const Result<nlohmann::json> json = parse_reply(200, body);
    if (!json) return json.error();
    struct Created {
        std::string id;
        std::vector<std::string> warnings;
    };
    const auto created = read_json(*json, [](const nlohmann::json& reply) {
        const nlohmann::json warnings = reply.value("Warnings", nlohmann::json());
        return Created{reply.at("Id").get<std::string>(),
                       warnings.is_null() ? std::vector<std::string>() : warnings.get<std::vector<std::string>>()};
    });
    if (!created) return created.error();
    for (const std::string& warning : created->warnings)
        if (tells_of_a_missing_limit(warning))
            return Error(Errc::permission_denied, fmt::format("the engine cannot limit a sandbox: {}", warning),
                         "docker info");
    return created->id;
}

/// 0 means "without a limit" to an engine.
Result<void> check_limits(const Limits& limits)
{
    const bool all = limits.memory_bytes > 0 && limits.disk_bytes > 1 && limits.millicpus > 0 && limits.pids > 0;
    if (!all)
        return Error(Errc::invalid_argument,
                     "a sandbox needs limits above 0 of memory, disk, processors and processes");
    return {};
}

/// Errors of ContainerStart. The entrypoint is always the agent, so what can't be executed is the agent.
Error start_error(Error error)
{
    const std::string& text = error.message;
    const auto says = [&](std::string_view words) { return text.find(words) != std::string::npos; };
    if (says("exec format error"))
        return Error(Errc::internal, "the agent in its volume is of another architecture than the engine",
                     "sbx doctor");
    if (says(fmt::format("stat {}", agent_path)) || says(fmt::format("exec: \"{}\"", agent_path)))
        return Error(Errc::conflict, std::string(agent_missing), "sbx doctor");
    return error;
}

Request wait_request(const std::string& id)
{
    return Request(http::verb::post, fmt::format("/containers/{}/wait?condition=next-exit", encoded(id)));
}

bool outcome_is_unknown(const Error& error)
{
    return error.code == Errc::unavailable || error.code == Errc::deadline_exceeded || error.code == Errc::cancelled;
}

}  // namespace

/// Two calls under way: the start, and the wait that was opened before it.
class Engine::ContainerLife final : public Life {
   public:
    ContainerLife(Engine& engine, std::string id, std::shared_ptr<Exchange> starting, std::shared_ptr<Exchange> waiting,
                  std::shared_ptr<Attachment> attachment)
        : engine_(engine),
          id_(std::move(id)),
          starting_(std::move(starting)),
          waiting_(std::move(waiting)),
          attachment_(std::move(attachment))
    {
    }

    asio::awaitable<Result<void>> started() override
    {
        if (!starting_) co_return Result<void>();  // it runs already
        co_return co_await engine_.await_start(id_, starting_);
    }
    asio::awaitable<Result<Ending>> ended() override { return engine_.await_ending(id_, waiting_, attachment_); }

   private:
    Engine& engine_;
    std::string id_;
    std::shared_ptr<Exchange> starting_;
    std::shared_ptr<Exchange> waiting_;
    std::shared_ptr<Attachment> attachment_;
};

asio::awaitable<Result<std::string>> Engine::create_named(std::string name, nlohmann::json config)
{
    const Result<void> agreed = co_await client_.negotiate();
    if (!agreed) co_return agreed.error();
    // A create that was sent is waited for, even when cancelled: what it makes could not be removed otherwise.
    bool cancelled = false;
    std::shared_ptr<Connection> connection;
    auto note_cancel = [&](asio::cancellation_type) {
        cancelled = true;
        if (connection) connection->expire_after(create_limit_once_cancelled);
        return asio::cancellation_type::none;
    };
    co_await asio::this_coro::reset_cancellation_state(note_cancel);
    const std::string image = config.value("Image", "");
    Request request(http::verb::post, "/containers/create?name=" + encoded(name), config.dump());
    const auto exchange = co_await client_.send(std::move(request), create_limit, max_reply_bytes);
    Result<std::string> body = exchange ? Result<std::string>(std::string()) : exchange.error();
    if (exchange) {
        connection = (*exchange)->connection();
        if (cancelled) connection->expire_after(create_limit_once_cancelled);
        body = co_await client_.complete(*exchange);
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    Result<std::string> id = body ? read_created(*body) : Result<std::string>(create_error(body.error(), image));
    const bool unknown = exchange && !body && outcome_is_unknown(body.error());
    if (unknown || (body && (cancelled || !id))) {
        const Result<void> removed = co_await remove(name);
    }
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (cancelled) co_return Error(Errc::cancelled, "docker: cancelled");
    co_return id;
}

asio::awaitable<Result<std::string>> Engine::create(Plan plan)
{
    const Result<void> limited = check_limits(plan.limits);
    if (!limited) co_return limited.error();
    const Result<bool> cgroup_v2 = co_await has_cgroup_v2();
    if (!cgroup_v2) co_return cgroup_v2.error();
    std::string name = plan.name;
    if (name.empty()) name = "sbx-" + random_hex(16);
    co_return co_await create_named(std::move(name), container_config(plan, *cgroup_v2));
}

asio::awaitable<Result<void>> Engine::start(std::string id)
{
    Request request(http::verb::post, fmt::format("/containers/{}/start", encoded(id)));
    const Result<nlohmann::json> started = co_await client_.call(std::move(request), start_limit);
    if (!started) co_return start_error(started.error());
    co_return Result<void>();
}

asio::awaitable<Result<Launched>> Engine::launch(Plan plan, std::string opening)
{
    const bool directly = !plan.one_shot && may_be_direct();
    const Result<std::string> id = co_await create(std::move(plan));
    if (!id) co_return id.error();
    std::exception_ptr thrown;
    Result<Launched> launched = Error(Errc::cancelled, "docker: cancelled");
    try {
        if (directly)
            launched = co_await bring_up_directly(*id, std::move(opening));
        else
            launched = co_await bring_up(*id, std::move(opening));
    } catch (...) {
        thrown = std::current_exception();  // a catch block cannot co_await
    }
    if (launched) co_return launched;
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    const Result<void> removed = co_await remove(*id);
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (thrown) std::rethrow_exception(thrown);
    co_return launched;
}

/// What is under way about a container from before its start: its stream and the wait for its end.
struct Engine::Streams {
    std::shared_ptr<Attachment> attachment;
    std::shared_ptr<Exchange> waiting;
};

/// @param first  written as soon as the stream takes it; outlives the call
asio::awaitable<Result<Engine::Streams>> Engine::open_streams(std::string id, std::string_view first)
{
    // Both are under way at the same time; what is written before the attach is answered would be lost.
    const auto attaching = co_await send_attach(id);
    if (!attaching) co_return attaching.error();
    const auto waiting = co_await client_.send(wait_request(id), default_limit, max_reply_bytes);
    if (!waiting) co_return waiting.error();
    const auto attached = co_await hijack(id, *attaching);
    if (!attached) co_return attached.error();
    Streams streams;
    streams.waiting = *waiting;
    streams.attachment = *attached;
    Connection& stream = *streams.attachment->connection;
    stream.expire_after(start_limit);
    const Result<void> written = co_await stream.write(first);
    if (!written) co_return written.error();
    const Result<void> waits = co_await client_.begin(*waiting);
    if (!waits) co_return waits.error();
    (*waiting)->connection()->expire_never();
    stream.expire_never();
    co_return streams;
}

/// @param starting  nullptr when it runs already
/// @param rest      of the opening, still to be written
Launched Engine::launched(std::string id, Streams streams, std::shared_ptr<Exchange> starting, std::string rest)
{
    begin_writing(streams.attachment, std::move(rest));
    Launched launched;
    launched.id = id;
    launched.channel = std::make_unique<AttachChannel>(streams.attachment);
    launched.life =
        std::make_unique<ContainerLife>(*this, std::move(id), std::move(starting), streams.waiting, streams.attachment);
    return launched;
}

asio::awaitable<Result<Launched>> Engine::bring_up(std::string id, std::string opening)
{
    const std::string_view first = std::string_view(opening).substr(0, taken_before_start);
    Result<Streams> streams = co_await open_streams(id, first);
    if (!streams) co_return streams.error();
    Request start_request(http::verb::post, fmt::format("/containers/{}/start", encoded(id)));
    const auto starting = co_await client_.send(std::move(start_request), start_limit, max_reply_bytes);
    if (!starting) co_return starting.error();
    co_return launched(std::move(id), std::move(*streams), *starting, opening.substr(first.size()));
}

asio::awaitable<Result<Launched>> Engine::bring_up_directly(std::string id, std::string opening)
{
    Result<Streams> streams = co_await open_streams(id, std::string_view());
    if (!streams) co_return streams.error();
    const Result<void> starts = co_await start(id);
    if (!starts) co_return starts.error();
    std::unique_ptr<Channel> direct = co_await direct_channel(id);
    if (direct) {
        // A stream that breaks says so to its reader, and the ending says why.
        const Result<void> written = co_await with_timeout(direct->write(opening), start_limit);
        opening.clear();
    }
    Launched up = launched(std::move(id), std::move(*streams), nullptr, std::move(opening));
    if (direct) up.channel = std::move(direct);
    co_return up;
}

asio::awaitable<Result<Launched>> Engine::adopt(std::string id, std::string opening)
{
    const std::string_view first = std::string_view(opening).substr(0, taken_before_start);
    Result<Streams> streams = co_await open_streams(id, first);
    if (!streams) co_return streams.error();
    std::unique_ptr<Channel> direct;
    if (opening.empty()) direct = co_await direct_channel(id);
    Launched up = launched(std::move(id), std::move(*streams), nullptr, opening.substr(first.size()));
    if (direct) up.channel = std::move(direct);
    co_return up;
}

asio::awaitable<Result<void>> Engine::await_start(std::string id, std::shared_ptr<Exchange> starting)
{
    const Result<std::string> started = co_await client_.complete(starting);
    if (started) co_return Result<void>();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    const Result<void> removed = co_await remove(id);
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    co_return start_error(started.error());
}

}  // namespace sbx::docker
