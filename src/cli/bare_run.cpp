#include "cli/bare_run.hpp"

#include "core/docker/container_config.hpp"

#include <fmt/format.h>

#include <array>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;
using docker::Request;
namespace http = boost::beast::http;

constexpr auto limit = 60s;

nlohmann::json bare_config(const Plan& plan, bool cgroup_v2, const std::vector<std::string>& command)
{
    nlohmann::json config = docker::container_config(plan, cgroup_v2);
    config["Entrypoint"] = command;
    config["User"] = "1000:1000";
    return config;
}

/// `/containers/ID/verb`
Request container_request(const std::string& id, std::string_view verb)
{
    return Request(http::verb::post, fmt::format("/containers/{}/{}", id, verb));
}

Request attach_request(const std::string& id)
{
    Request request = container_request(id, "attach?stream=1&stdin=1&stdout=1&stderr=1");
    request.headers.emplace_back("Connection", "Upgrade");
    request.headers.emplace_back("Upgrade", "tcp");
    return request;
}

asio::awaitable<Result<std::shared_ptr<docker::Exchange>>> open(docker::Client& client, Request request)
{
    const auto exchange = co_await client.send(std::move(request), limit, docker::max_reply_bytes);
    if (!exchange) co_return exchange.error();
    const Result<void> begun = co_await client.begin(*exchange);
    if (!begun) co_return begun.error();
    co_return *exchange;
}

asio::awaitable<Result<void>> read_to_end(docker::Connection& connection)
{
    for (std::array<char, 4096> bytes;;) {
        const Result<std::size_t> n = co_await connection.read_some(bytes);
        if (!n) co_return n.error();
        if (*n == 0) co_return Result<void>();
    }
}

}  // namespace

asio::awaitable<Result<std::chrono::microseconds>> bare_run(docker::Client& client, Plan plan, bool cgroup_v2,
                                                            std::vector<std::string> command)
{
    const Result<void> agreed = co_await client.negotiate();
    if (!agreed) co_return agreed.error();
    const auto begin = std::chrono::steady_clock::now();
    Request create(http::verb::post, "/containers/create", bare_config(plan, cgroup_v2, command).dump());
    const Result<nlohmann::json> created = co_await client.call(std::move(create), limit);
    if (!created) co_return created.error();
    const std::string id = created->value("Id", "");
    const auto attached = co_await open(client, attach_request(id));
    if (!attached) co_return attached.error();
    const auto waiting = co_await open(client, container_request(id, "wait?condition=next-exit"));
    if (!waiting) co_return waiting.error();
    const Result<nlohmann::json> started = co_await client.call(container_request(id, "start"), limit);
    if (!started) co_return started.error();
    const Result<void> read = co_await read_to_end(*(*attached)->connection());
    if (!read) co_return read.error();
    const Result<std::string> ended = co_await (*waiting)->rest();
    if (!ended) co_return ended.error();
    const auto end = std::chrono::steady_clock::now();
    (*attached)->connection()->close();
    if (ended->find("\"StatusCode\":0") == std::string::npos)
        co_return Error(Errc::internal, fmt::format("the bare container failed: {}", *ended), "sbx doctor");
    co_return std::chrono::duration_cast<std::chrono::microseconds>(end - begin);
}

}  // namespace sbx::cli
