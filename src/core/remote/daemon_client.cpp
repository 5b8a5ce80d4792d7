#include "core/remote/daemon_client.hpp"

#include "core/docker/client.hpp"
#include "core/docker/reply.hpp"

#include <fmt/format.h>
#include <boost/describe/enum_from_string.hpp>

namespace sbx {
namespace {

using docker::http::verb;

constexpr std::string_view default_port = ":8000";
constexpr unsigned switching_protocols = 101;

/// What the connection carries once it is no longer HTTP's.
class UpgradedChannel final : public Channel {
   public:
    explicit UpgradedChannel(std::shared_ptr<docker::Connection> connection) : connection_(std::move(connection)) {}
    ~UpgradedChannel() override { connection_->close(); }
    UpgradedChannel(const UpgradedChannel&) = delete;
    UpgradedChannel& operator=(const UpgradedChannel&) = delete;

    asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) override
    {
        const auto connection = connection_;  // `this` may go while a read is pending
        co_return co_await connection->read_some(into);
    }
    asio::awaitable<Result<void>> write(std::span<const char> bytes) override
    {
        const auto connection = connection_;
        co_return co_await connection->write(bytes);
    }
    void close() override { connection_->close(); }

   private:
    std::shared_ptr<docker::Connection> connection_;
};

/// Of a hostile answer each level would cost stack.
bool is_too_deep(std::string_view json)
{
    constexpr int deepest = 32;
    int depth = 0;
    bool in_text = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_text && c == '\\') ++i;
        if (c == '"') in_text = !in_text;
        if (in_text) continue;
        if (c == '[' || c == '{') ++depth;
        if (c == ']' || c == '}') --depth;
        if (depth > deepest) return true;
    }
    return false;
}

nlohmann::json parse_answer(const std::string& text)
{
    if (is_too_deep(text)) return nlohmann::json(nlohmann::json::value_t::discarded);
    return nlohmann::json::parse(text, nullptr, false);
}

/// The error of an answer of ours; another server may speak another language.
Error error_of(unsigned status, const std::string& body)
{
    const nlohmann::json json = parse_answer(body);
    const auto text = [&](const char* member) {
        const auto said = json["error"].find(member);
        return said != json["error"].end() && said->is_string() ? docker::printable(said->get<std::string>())
                                                                : std::string();
    };
    Error error(Errc::unavailable, fmt::format("what answers there is no daemon of sbx (status {})", status),
                "sbx serve");
    if (!json.is_object() || !json.contains("error") || !json["error"].is_object()) return error;
    const std::string code = text("code");
    if (code.empty() || !boost::describe::enum_from_string(code.c_str(), error.code)) return error;
    error.message = text("message");
    error.hint = error.code == Errc::unauthenticated ? "set SBX_API_KEY" : text("hint");
    return error;
}

}  // namespace

Result<DaemonAddress> parse_daemon_address(std::string text, std::string key)
{
    const std::string typed = text;
    const bool is_secure = text.starts_with("https://");
    if (text.starts_with("unix:") && !text.starts_with("unix://")) text.insert(5, "//");
    if (!text.starts_with("unix:")) {
        std::string place = text.substr(text.find("://") == std::string::npos ? 0 : text.find("://") + 3);
        while (place.ends_with('/')) place.pop_back();
        const std::size_t after_address = place.find(']') == std::string::npos ? 0 : place.find(']');
        if (place.find(':', after_address) == std::string::npos) place += default_port;
        text = "tcp://" + place;
    }
    const docker::TlsFiles tls;
    Result<docker::Endpoint> endpoint = docker::parse_host(text, is_secure ? &tls : nullptr);
    if (!endpoint)
        return Error(Errc::invalid_argument, fmt::format("--host: '{}' is no address of a daemon", typed),
                     "--host http://127.0.0.1:8000, or --host unix:PATH");
    endpoint->shown = typed;
    return DaemonAddress{std::move(*endpoint), std::move(key)};
}

Error unknown_answer()
{
    return {Errc::unavailable, "the daemon's answer has an unknown form: it may be of another version", "sbx version"};
}

DaemonClient::DaemonClient(const asio::any_io_executor& executor, DaemonAddress address)
    : pool_(executor, address.endpoint), headers_(std::move(address.headers))
{
    if (!address.key.empty()) headers_.emplace_back("Authorization", "Bearer " + address.key);
    const bool is_local = address.endpoint.scheme == docker::Scheme::unix_socket;
    host_ = is_local ? "localhost" : docker::host_header(address.endpoint);
}

docker::Request DaemonClient::request(verb method, std::string target, const nlohmann::json& body) const
{
    docker::Request request(method, std::move(target));
    if (!body.is_null()) request.body = body.dump();
    if (!body.is_null()) request.content_type = "application/json";
    request.headers = headers_;
    return request;
}

Error DaemonClient::unreachable(const Error& error) const
{
    if (error.code == Errc::cancelled) return error;
    if (error.code == Errc::deadline_exceeded)
        return {Errc::deadline_exceeded, fmt::format("the daemon at {} does not answer", pool_.endpoint().shown)};
    return {Errc::unavailable, fmt::format("no daemon answers at {}", pool_.endpoint().shown),
            "sbx serve, or unset SBX_HOST"};
}

asio::awaitable<Result<std::shared_ptr<docker::Exchange>>> DaemonClient::send(docker::Request request,
                                                                              std::chrono::milliseconds limit)
{
    const auto connection = co_await pool_.take();
    if (!connection) co_return unreachable(connection.error());
    (*connection)->expire_after(limit);
    const std::string bytes = docker::render(request, "", host_);
    const Result<void> written = co_await (*connection)->write(bytes);
    if (!written) co_return unreachable(written.error());
    auto exchange = std::make_shared<docker::Exchange>(*connection, request, docker::max_reply_bytes);
    const Result<unsigned> status = co_await exchange->head();
    if (!status) co_return unreachable(status.error());
    co_return exchange;
}

asio::awaitable<Result<nlohmann::json>> DaemonClient::call(verb method, std::string target, nlohmann::json body,
                                                           std::chrono::milliseconds limit)
{
    docker::Request asked = request(method, std::move(target), body);
    const auto exchange = co_await send(std::move(asked), limit);
    if (!exchange) co_return exchange.error();
    const Result<std::string> text = co_await (*exchange)->rest();
    if (!text) co_return unreachable(text.error());
    if ((*exchange)->keeps_alive()) pool_.give_back((*exchange)->connection());
    const unsigned status = (*exchange)->status();
    if (status < 200 || status > 299) co_return error_of(status, *text);
    nlohmann::json answer = parse_answer(*text);
    if (answer.is_discarded() && !text->empty()) co_return error_of(status, *text);
    co_return answer;
}

asio::awaitable<Result<std::unique_ptr<Channel>>> DaemonClient::open(verb method, std::string target,
                                                                     nlohmann::json body,
                                                                     std::chrono::milliseconds limit)
{
    docker::Request asked = request(method, std::move(target), body);
    asked.headers.emplace_back("Connection", "Upgrade");
    asked.headers.emplace_back("Upgrade", "sbx-wire");
    const auto exchange = co_await send(std::move(asked), limit);
    if (!exchange) co_return exchange.error();
    if ((*exchange)->status() != switching_protocols) {
        const Result<std::string> text = co_await (*exchange)->rest();
        co_return text ? error_of((*exchange)->status(), *text) : unreachable(text.error());
    }
    (*exchange)->connection()->expire_never();
    std::unique_ptr<Channel> channel = std::make_unique<UpgradedChannel>((*exchange)->connection());
    co_return channel;
}

}  // namespace sbx
