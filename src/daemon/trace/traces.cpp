#include "daemon/trace/traces.hpp"

#include "core/with_timeout.hpp"
#include "daemon/http/ascii.hpp"
#include "sbx/version.hpp"

#include <fmt/format.h>
#include <boost/url/pct_string_view.hpp>

#include <algorithm>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;
using docker::http::verb;

constexpr std::size_t most_waiting = 4096;
constexpr std::size_t most_at_once = 512;
constexpr auto rest_between = 1s;
constexpr auto rest_while_away = 10s;
constexpr auto patience = 10s;
constexpr auto patience_at_the_end = 2s;

/// The variable for traces, else the one for all signals.
std::string setting(const Environment& environment, const std::string& name)
{
    const auto own = environment("OTEL_EXPORTER_OTLP_TRACES_" + name);
    return own ? *own : environment("OTEL_EXPORTER_OTLP_" + name).value_or("");
}

/// `name=value,name=value`, values with percent signs (W3C Baggage); what is no field's value is left out.
std::vector<std::pair<std::string, std::string>> headers_of(std::string_view text)
{
    std::vector<std::pair<std::string, std::string>> headers;
    while (!text.empty()) {
        const std::string_view each = text.substr(0, text.find(','));
        text.remove_prefix(std::min(each.size() + 1, text.size()));
        const std::size_t equals = each.find('=');
        if (equals == 0 || equals == std::string_view::npos) continue;
        const std::string_view name = trimmed(each.substr(0, equals));
        const std::string_view encoded = trimmed(each.substr(equals + 1));
        const auto value = boost::urls::make_pct_string_view({encoded.data(), encoded.size()});
        if (!value || !is_token(name)) continue;
        std::string decoded = value->decode();
        if (std::ranges::none_of(decoded, is_control)) headers.emplace_back(name, std::move(decoded));
    }
    return headers;
}

}  // namespace

Result<std::optional<TraceTarget>> trace_target(const Environment& environment)
{
    const bool is_for_traces = environment("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").has_value();
    std::string url = setting(environment, "ENDPOINT");
    const bool is_off = environment("OTEL_SDK_DISABLED") == "true" || environment("OTEL_TRACES_EXPORTER") == "none";
    if (url.empty() || is_off) return std::optional<TraceTarget>();
    if (setting(environment, "PROTOCOL") == "grpc")
        return Error(Errc::invalid_argument, "OTEL_EXPORTER_OTLP_PROTOCOL: grpc is not spoken",
                     "OTEL_EXPORTER_OTLP_PROTOCOL=http/json, with the collector's port for HTTP (4318)");
    const std::size_t scheme = url.find("://");
    const std::size_t slash = scheme == std::string::npos ? std::string::npos : url.find('/', scheme + 3);
    std::string path = slash == std::string::npos ? std::string() : url.substr(slash);
    if (slash != std::string::npos) url.resize(slash);
    const std::size_t host = url.find(']') == std::string::npos ? scheme + 3 : url.find(']');
    if (scheme != std::string::npos && url.find(':', host) == std::string::npos)
        url += url.starts_with("https:") ? ":443" : ":80";
    auto address = parse_daemon_address(url, "");
    if (scheme == std::string::npos || !address)
        return Error(Errc::invalid_argument,
                     fmt::format("OTEL_EXPORTER_OTLP_{}ENDPOINT: '{}' is no address of a collector",
                                 is_for_traces ? "TRACES_" : "", url),
                     "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318");
    TraceTarget target{std::move(*address)};
    target.collector.headers = headers_of(setting(environment, "HEADERS"));
    while (!is_for_traces && path.ends_with('/')) path.pop_back();
    if (!is_for_traces) path += "/v1/traces";
    target.path = path.empty() ? "/" : path;
    target.service = environment("OTEL_SERVICE_NAME").value_or(target.service);
    return std::optional<TraceTarget>(std::move(target));
}

Traces::Traces(const asio::any_io_executor& executor, const std::optional<TraceTarget>& target, std::string instance,
               EventLog& log)
    : log_(log), changed_(executor)
{
    if (!target) return;
    client_ = std::make_unique<DaemonClient>(executor, target->collector);
    path_ = target->path;
    resource_ = {{"service.name", target->service},
                 {"service.version", std::string(version())},
                 {"service.instance.id", std::move(instance)}};
}

void Traces::add(Span span)
{
    if (!is_on() || closed_) return;
    if (waiting_.size() >= most_waiting) {
        waiting_.pop_front();
        ++dropped_;
    }
    waiting_.push_back(std::move(span));
    if (waiting_.size() >= most_at_once) changed_.notify_all();
}

asio::awaitable<void> Traces::serve()
{
    if (!is_on()) co_return;
    serving_ = true;
    while (!closed_) {
        const auto next = std::chrono::steady_clock::now() + (is_away_ ? rest_while_away : rest_between);
        while (!closed_ && std::chrono::steady_clock::now() < next && (is_away_ || waiting_.size() < most_at_once))
            co_await changed_.wait(next);
        if (!closed_) co_await send_some();
    }
    serving_ = false;
    changed_.notify_all();
}

asio::awaitable<void> Traces::send_some()
{
    if (waiting_.empty()) co_return;
    std::vector<Span> some;
    for (; !waiting_.empty() && some.size() < most_at_once; waiting_.pop_front())
        some.push_back(std::move(waiting_.front()));
    nlohmann::json body = otlp_json(some, resource_);
    std::string path = path_;
    const auto answer = co_await client_->call(verb::post, std::move(path), std::move(body), patience);
    if (!answer) dropped_ += some.size();
    const bool was_away = std::exchange(is_away_, !answer);
    if (!answer && !was_away)
        log_.write(LogLevel::warn, "traces_not_sent", {{"why", answer.error().message}, {"dropped", dropped_}});
    if (answer && was_away) log_.write(LogLevel::info, "traces_sent_again", {{"dropped", dropped_}});
}

asio::awaitable<void> Traces::close()
{
    closed_ = true;
    changed_.notify_all();
    while (serving_) co_await changed_.wait(std::nullopt);
    if (!is_on() || is_away_) co_return;
    const auto send = [this]() -> asio::awaitable<Result<void>> {
        while (!waiting_.empty() && !is_away_) co_await send_some();
        co_return Result<void>();
    };
    (void)co_await with_timeout(send(), patience_at_the_end);
}

}  // namespace sbx::daemon
