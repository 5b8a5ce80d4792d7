#include "core/docker/client.hpp"

#include "core/docker/reply.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace sbx::docker {
namespace {

struct ApiVersion {
    int major = 0;
    int minor = 0;
    auto operator<=>(const ApiVersion&) const = default;
};

constexpr ApiVersion oldest{1, 41};
constexpr ApiVersion newest{1, 51};

constexpr std::chrono::seconds ssh_login_limit(30);

bool is_success(unsigned status)
{
    // 304: already in the state that was asked for.
    return status == 101 || (status >= 200 && status <= 299) || status == 304;
}

/// A reply beyond all measure is the engine's failure, not the caller's.
Error call_error(Error error)
{
    if (error.code == Errc::too_large) error.code = Errc::unavailable;
    return error;
}

/// ssh says why on stderr, and then only goes away: name at least what was tried.
Error first_contact_error(Error error, const Endpoint& endpoint)
{
    if (endpoint.scheme != Scheme::ssh || error.code != Errc::unavailable) return call_error(std::move(error));
    return Error(Errc::unavailable, fmt::format("docker: cannot reach {}: {}", endpoint.shown, error.message),
                 fmt::format("ssh {} docker version", endpoint.host));
}

/// What the first answer says about who gave it.
/// @return the API version to speak
Result<std::string> judge_first_answer(const Endpoint& endpoint, const Exchange& exchange,
                                       const Result<std::string>& body)
{
    if (!body && !exchange.is_done()) return first_contact_error(body.error(), endpoint);
    if (!exchange.header("Libpod-Api-Version").empty())
        return Error(Errc::unavailable,
                     fmt::format("docker: {} is Podman's, whose compatible API ignores settings that sandboxes need",
                                 endpoint.shown),
                     "set DOCKER_HOST to the socket of a Docker engine");
    const std::string offered = exchange.header("Api-Version");
    if (body || !offered.empty()) return choose_api_version(offered);
    Error error = body.error();
    error.code = Errc::unavailable;
    error.hint = error.message.find("HTTPS") != std::string::npos ? "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH"
                                                                  : "docker version";
    return error;
}

/// A call that has no exchange, as the engine cannot be reached.
void report_unreached(const Trace& trace, const Request& request)
{
    if (!trace) return;
    const auto method = http::to_string(request.method);
    const std::string_view target = request.target;
    trace(std::string_view(method.data(), method.size()), target.substr(0, target.find('?')), 0, {});
}

}  // namespace

Result<std::string> choose_api_version(std::string_view offered)
{
    ApiVersion version;
    const char* const end = offered.data() + offered.size();
    const auto major = std::from_chars(offered.data(), end, version.major);
    if (major.ec == std::errc() && major.ptr != end) std::from_chars(major.ptr + 1, end, version.minor);
    if (version < oldest)
        return Error(Errc::unavailable,
                     fmt::format("docker: the engine is too old: its API is {}, {}.{} (Docker 20.10) is needed",
                                 offered.empty() ? "unknown" : offered, oldest.major, oldest.minor),
                     "docker version");
    const ApiVersion chosen = std::min(version, newest);
    return fmt::format("{}.{}", chosen.major, chosen.minor);
}

std::string host_header(const Endpoint& endpoint)
{
    if (endpoint.scheme != Scheme::tcp && endpoint.scheme != Scheme::tls) return "docker";
    const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", endpoint.host, is_ipv6 ? "]" : "", endpoint.port);
}

Client::Client(asio::any_io_executor executor, Endpoint endpoint, Trace trace)
    : pool_(std::move(executor), std::move(endpoint)), trace_(std::move(trace)), host_(host_header(pool_.endpoint()))
{
}

void Client::set_deadline(Connection& connection, std::chrono::milliseconds limit) const
{
    // ssh connects and logs in first, and only within the first call does that show.
    const bool logs_in = endpoint().scheme == Scheme::ssh && !connection.reused();
    connection.expire_after(logs_in ? limit + ssh_login_limit : limit);
}

asio::awaitable<Result<void>> Client::negotiate()
{
    if (!api_version_.empty()) co_return Result<void>();
    const Result<std::string> pong =
        co_await call_raw(Request(http::verb::get, "/_ping"), default_limit, max_reply_bytes);
    if (!pong) co_return call_error(pong.error());
    co_return Result<void>();
}

asio::awaitable<Result<nlohmann::json>> Client::call(Request request, std::chrono::milliseconds limit)
{
    const Result<std::string> body = co_await call_raw(std::move(request), limit, max_reply_bytes);
    if (!body) co_return call_error(body.error());
    co_return parse_reply(200, *body);
}

asio::awaitable<Result<std::string>> Client::call_raw(Request request, std::chrono::milliseconds limit,
                                                      std::uint64_t max_body_bytes)
{
    if (request.method != http::verb::get) {
        const Result<void> agreed = co_await negotiate();
        if (!agreed) co_return agreed.error();
    }
    for (;;) {
        const bool is_first = api_version_.empty();
        const std::string bytes = render(request, api_version_, host_);
        const auto connection = co_await pool_.take();
        if (!connection) report_unreached(trace_, request);
        if (!connection) co_return connection.error();
        Connection& line = **connection;
        set_deadline(line, limit);
        const Result<void> written = co_await line.write(bytes);
        if (!written && written.error().code == Errc::cancelled) co_return written.error();
        // An engine that refuses early answers before it has read all.
        const auto exchange = std::make_shared<Exchange>(*connection, request, max_body_bytes);
        Result<std::string> body = co_await complete(exchange);
        const bool went_stale = line.reused() && !line.answered() && !line.timed_out();
        const bool repeatable = !written || request.method != http::verb::post;
        if (!body && body.error().code == Errc::unavailable && went_stale && repeatable) continue;
        if (!body && !line.answered()) report(*exchange, 0);
        if (!is_first) co_return body;
        Result<std::string> version = judge_first_answer(endpoint(), *exchange, body);
        if (!version) co_return version.error();
        api_version_ = std::move(*version);
        if (exchange->header("Api-Version") == api_version_) co_return body;
        // A newer engine has answered in a version that we don't know.
    }
}

asio::awaitable<Result<std::shared_ptr<Exchange>>> Client::send(Request request, std::chrono::milliseconds limit,
                                                                std::uint64_t max_body_bytes)
{
    const Result<void> agreed = co_await negotiate();
    if (!agreed) co_return agreed.error();
    const auto connection = co_await pool_.take();
    if (!connection) report_unreached(trace_, request);
    if (!connection) co_return connection.error();
    set_deadline(**connection, limit);
    const std::string bytes = render(request, api_version_, host_);
    const Result<void> written = co_await (*connection)->write(bytes);
    if (!written) co_return written.error();
    co_return std::make_shared<Exchange>(*connection, request, max_body_bytes);
}

asio::awaitable<Result<std::string>> Client::complete(std::shared_ptr<Exchange> exchange)
{
    const Result<unsigned> status = co_await exchange->head();
    if (!status) co_return status.error();
    Result<std::string> body = co_await exchange->rest();
    if (!body) co_return body.error();
    report(*exchange, *status);
    finish(*exchange);
    if (!is_success(*status)) co_return error_of(*status, *body);
    co_return body;
}

asio::awaitable<Result<void>> Client::begin(std::shared_ptr<Exchange> exchange)
{
    const Result<unsigned> status = co_await exchange->head();
    if (!status) co_return status.error();
    if (is_success(*status)) {
        report(*exchange, *status);
        co_return Result<void>();
    }
    const Result<std::string> refused = co_await complete(exchange);
    co_return refused.error();
}

void Client::finish(const Exchange& exchange)
{
    if (exchange.keeps_alive()) pool_.give_back(exchange.connection());
}

void Client::report(const Exchange& exchange, unsigned status) const
{
    if (!trace_) return;
    const auto method = http::to_string(exchange.method());
    const auto duration = std::chrono::steady_clock::now() - exchange.since();
    trace_(std::string_view(method.data(), method.size()), exchange.path(), status,
           std::chrono::duration_cast<std::chrono::microseconds>(duration));
}

}  // namespace sbx::docker
