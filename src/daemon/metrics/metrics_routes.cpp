#include "daemon/metrics/metrics_routes.hpp"

#include "sbx/version.hpp"

namespace sbx::daemon {
namespace {

void write_value(std::string& text, std::string_view type, std::string_view name, std::string_view help,
                 std::uint64_t value)
{
    const MetricName metric{name, help, {}};
    write_head(text, metric, type);
    write_sample(text, metric, {}, static_cast<double>(value));
}

/// A language has several kinds: one for each image and set of limits.
void write_kinds(std::string& text, const Pool& pool, std::size_t Pool::Kind::*number, const MetricName& metric)
{
    write_head(text, metric, "gauge");
    std::map<std::string, std::size_t> sums;
    for (const Pool::Kind& kind : pool.kinds()) sums[kind.description] += kind.*number;
    for (const auto& [language, sum] : sums) write_sample(text, metric, {language}, static_cast<double>(sum));
}

void write_claims(std::string& text, const Pool& pool, std::uint64_t Pool::Claims::*number, const MetricName& metric)
{
    write_head(text, metric, "counter");
    for (const auto& [language, claims] : pool.claims())
        write_sample(text, metric, {language}, static_cast<double>(claims.*number));
}

void write_pool(std::string& text, const Pool& pool)
{
    const std::vector<std::string_view> labels{"language"};
    write_kinds(text, pool, &Pool::Kind::ready, {"sbx_pool_ready", "Sandboxes that wait for a run", labels});
    write_kinds(text, pool, &Pool::Kind::wanted, {"sbx_pool_wanted", "Sandboxes that should wait for a run", labels});
    write_claims(text, pool, &Pool::Claims::claimed,
                 {"sbx_pool_claimed_total", "Runs that found a sandbox ready", labels});
    write_claims(text, pool, &Pool::Claims::missed, {"sbx_pool_missed_total", "Runs that found none ready", labels});
}

void write_sandboxes(std::string& text, const Sandboxes& sandboxes)
{
    const MetricName metric{"sbx_sandboxes", "Sandboxes that stay, by state", {"state"}};
    write_head(text, metric, "gauge");
    for (const auto& [state, count] : sandboxes.states())
        write_sample(text, metric, {state}, static_cast<double>(count));
}

std::string exposition(const MetricsSources& sources)
{
    std::string text;
    const MetricName build{"sbx_build_info", "The version of sbx", {"version"}};
    write_head(text, build, "gauge");
    write_sample(text, build, {std::string(version())}, 1);
    sources.metrics.write(text);
    write_pool(text, sources.services.pool);
    write_sandboxes(text, sources.services.sandboxes);
    write_value(text, "gauge", "sbx_executions_running", "One-off executions that run",
                sources.services.admission.working());
    write_value(text, "gauge", "sbx_executions_waiting", "One-off executions that wait for their turn",
                sources.services.admission.waiting());
    write_value(text, "gauge", "sbx_http_connections", "Connections that are open", sources.http.connections());
    write_value(text, "counter", "sbx_log_lines_dropped_total", "Lines of the log that could not be written",
                sources.log.dropped());
    return text;
}

asio::awaitable<void> show_metrics(Call& call, const MetricsSources& sources)
{
    Response response(200, exposition(sources), "text/plain; version=0.0.4; charset=utf-8");
    co_await call.exchange.respond(std::move(response));
}

}  // namespace

std::vector<Route> metrics_routes(const MetricsSources& sources)
{
    Routes routes(std::make_shared<NativeErrors>(), Reading{.refuses_unknown = false});
    routes.add_raw<Nothing>(
        http::verb::get, "/metrics",
        {.summary = "What the daemon counts, for Prometheus", .tag = "system", .produces = "text/plain"},
        [&sources](Call& call, Nothing /*request*/) { return show_metrics(call, sources); });
    return routes.all();
}

}  // namespace sbx::daemon
