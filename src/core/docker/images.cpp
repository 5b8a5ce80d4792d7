#include "core/docker/credentials.hpp"
#include "core/docker/engine.hpp"
#include "core/docker/image_info.hpp"
#include "core/docker/progress.hpp"
#include "core/docker/registry_auth.hpp"
#include "core/docker/reply.hpp"

#include <fmt/format.h>

namespace sbx::docker {
namespace {

/// A pull or a build may take long, but not fall silent for this long.
constexpr std::chrono::minutes idle_limit(5);
constexpr std::chrono::minutes remove_limit(1);
constexpr std::uint64_t max_progress_bytes = 1ULL << 30;

/// What a registry said, as the user of an image understands it.
Error pull_error(const Error& error, std::string_view reference)
{
    if (error.code == Errc::cancelled || error.code == Errc::deadline_exceeded || error.code == Errc::unavailable)
        return error;
    std::string_view why = error.message;
    if (why.starts_with("docker: ")) why.remove_prefix(8);
    const bool refused = why.find("unauthorized") != std::string_view::npos ||
                         why.find("denied") != std::string_view::npos ||
                         why.find("no basic auth") != std::string_view::npos;
    const std::string hint = refused ? fmt::format("docker login {}", parse_reference(reference).registry)
                                     : fmt::format("docker pull {}", reference);
    return Error(Errc::image_unavailable, fmt::format("cannot pull {}: {}", reference, why), hint);
}

}  // namespace

asio::awaitable<Result<ImageInfo>> Engine::image(std::string reference)
{
    Request request(http::verb::get, fmt::format("/images/{}/json", encoded(reference)));
    const Result<nlohmann::json> reply = co_await client_.call(std::move(request), default_limit);
    if (!reply) co_return reply.error();
    co_return read_json(*reply, read_inspected_image);
}

asio::awaitable<Result<std::vector<ImageInfo>>> Engine::images()
{
    Request request(http::verb::get, "/images/json");
    const Result<nlohmann::json> reply = co_await client_.call(std::move(request), default_limit);
    if (!reply) co_return reply.error();
    co_return read_json(*reply, [](const nlohmann::json& json) {
        std::vector<ImageInfo> images;
        for (const auto& entry : json.get_ref<const nlohmann::json::array_t&>())
            images.push_back(read_listed_image(entry));
        return images;
    });
}

asio::awaitable<Result<ImageInfo>> Engine::prepare(std::string reference, PullPolicy policy, ProgressSink progress)
{
    if (policy != PullPolicy::always) {
        Result<ImageInfo> local = co_await image(reference);
        if (local || local.error().code != Errc::not_found) co_return local;
        if (policy == PullPolicy::never)
            co_return Error(Errc::image_unavailable, fmt::format("the engine has no image {}", reference),
                            fmt::format("docker pull {}", reference));
    }
    const Result<void> pulled = co_await pull(reference, std::move(progress));
    if (!pulled) co_return pulled.error();
    co_return co_await image(reference);
}

asio::awaitable<Result<void>> Engine::pull(std::string reference, ProgressSink progress)
{
    const ImageReference parsed = parse_reference(reference);
    const Result<std::string> auth = co_await registry_auth(client_.executor(), config_directory_, parsed.registry);
    if (!auth) co_return auth.error();
    Request request(http::verb::post,
                    fmt::format("/images/create?fromImage={}&tag={}", encoded(parsed.repository), encoded(parsed.tag)));
    if (!auth->empty()) request.headers.emplace_back("X-Registry-Auth", *auth);
    const auto exchange = co_await client_.send(std::move(request), idle_limit, max_progress_bytes);
    if (!exchange) co_return exchange.error();
    const Result<void> followed = co_await follow(*exchange, std::move(progress));
    if (!followed) co_return pull_error(followed.error(), reference);
    co_return Result<void>();
}

asio::awaitable<Result<void>> Engine::follow(std::shared_ptr<Exchange> exchange, ProgressSink progress)
{
    const Result<void> begun = co_await client_.begin(exchange);
    if (!begun) co_return begun.error();
    ProgressReader reader(std::move(progress));
    for (;;) {
        exchange->connection()->expire_after(idle_limit);
        const Result<std::string> part = co_await exchange->next();
        if (!part) co_return part.error();
        if (part->empty()) co_return reader.finish();
        const Result<void> read = reader.feed(*part);
        if (!read) co_return read.error();
    }
}

asio::awaitable<Result<void>> Engine::build(std::string context, std::string tag,
                                            std::map<std::string, std::string> arguments, ProgressSink progress)
{
    const std::string target =
        fmt::format("/build?t={}&rm=1&forcerm=1&buildargs={}", encoded(tag), encoded(nlohmann::json(arguments).dump()));
    Request request(http::verb::post, target, std::move(context), "application/x-tar");
    const auto exchange = co_await client_.send(std::move(request), idle_limit, max_progress_bytes);
    if (!exchange) co_return exchange.error();
    co_return co_await follow(*exchange, std::move(progress));
}

asio::awaitable<Result<void>> Engine::tag_image(std::string source, std::string target)
{
    const ImageReference to = parse_reference(target);
    Request request(http::verb::post, fmt::format("/images/{}/tag?repo={}&tag={}", encoded(source),
                                                  encoded(to.repository), encoded(to.tag)));
    const Result<nlohmann::json> tagged = co_await client_.call(std::move(request), default_limit);
    if (!tagged) co_return tagged.error();
    co_return Result<void>();
}

asio::awaitable<Result<void>> Engine::remove_image(std::string reference)
{
    Request request(http::verb::delete_, "/images/" + encoded(reference));
    Result<nlohmann::json> removed = co_await client_.call(std::move(request), remove_limit);
    if (removed) co_return Result<void>();
    Error failure = removed.error();
    if (failure.code == Errc::not_found) failure.hint = "sbx image ls";
    co_return failure;
}

}  // namespace sbx::docker
