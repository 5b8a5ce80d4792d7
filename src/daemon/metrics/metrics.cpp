#include "daemon/metrics/metrics.hpp"

#include "daemon/metrics/engine_operation.hpp"

#include <fmt/format.h>
#include <boost/describe/enum_to_string.hpp>

#include <algorithm>

namespace sbx::daemon {
namespace {

const std::vector<double>& bounds()
{
    static const std::vector<double> seconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                             1,     2.5,    5,     10,   30,    60,   300, 600};
    return seconds;
}

template <class Duration>
double seconds_of(Duration time)
{
    return std::chrono::duration<double>(time).count();
}

/// The limit that ended a program; empty: none.
std::string_view limit_of(Reason reason)
{
    switch (reason) {
        case Reason::timeout:
            return "wall_time";
        case Reason::oom:
            return "memory";
        case Reason::output_limit:
            return "output";
        case Reason::disk:
            return "disk";
        default:
            return "";
    }
}

std::string outcome_of(const Result<RunResult>& result)
{
    if (!result) return std::string(name_of(result.error().code));
    return boost::describe::enum_to_string(result->execution.reason, "?");
}

}  // namespace

Metrics::Metrics()
    : requests_({"sbx_http_requests_total", "Requests by route and status", {"method", "route", "status"}}),
      request_seconds_({"sbx_http_request_seconds", "Time to answer a request, by route", {"route"}}, bounds()),
      refused_({"sbx_http_refused_total", "Connections and requests that were refused before any route", {"cause"}}),
      bytes_({"sbx_http_bytes_total", "Bytes of requests (in) and answers (out)", {"direction"}}),
      executions_({"sbx_executions_total",
                   "Executions by what ran and how it ended: a reason of the record, or the code of a failure",
                   {"kind", "language", "outcome"}}),
      execution_seconds_({"sbx_execution_seconds",
                          "Time of executions by phase; prepare is what the daemon does before and after the program",
                          {"kind", "phase"}},
                         bounds()),
      limits_({"sbx_limits_hit_total", "How often something met its limit", {"limit"}}),
      engine_calls_({"sbx_engine_calls_total", "Calls to the engine", {"operation"}}),
      engine_errors_({"sbx_engine_errors_total",
                      "Calls to the engine that failed; none: it did not answer",
                      {"operation", "status"}}),
      engine_seconds_({"sbx_engine_call_seconds", "Time until the engine has answered", {"operation"}}, bounds())
{
}

void Metrics::count_request(const AccessRecord& record)
{
    bytes_.add({"in"}, record.bytes_in);
    bytes_.add({"out"}, record.bytes_out);
    if (record.event != "request") refused_.add({std::string(record.event)});
    if (record.event == "connection_limit") limits_.add({"connections"});
    if (record.status == 429 && !record.is_passed_on) limits_.add({"rate"});
    if (record.status == 0) return;
    std::string route(record.route.empty() ? "none" : record.route);
    // A program may name any status: its class is enough.
    std::string status = std::to_string(record.status);
    if (record.is_passed_on) status.replace(1, std::string::npos, "xx");
    requests_.add({std::string(http::to_string(record.method)), route, std::move(status)});
    request_seconds_.observe({std::move(route)}, seconds_of(record.duration));
}

void Metrics::observe(ExecutionKind kind, std::string_view phase, std::chrono::milliseconds time)
{
    execution_seconds_.observe({boost::describe::enum_to_string(kind, "?"), std::string(phase)}, seconds_of(time));
}

void Metrics::count_execution(ExecutionKind kind, std::string_view language, const Result<RunResult>& result)
{
    executions_.add({boost::describe::enum_to_string(kind, "?"), std::string(language), outcome_of(result)});
    if (!result) return;
    observe(kind, "run", result->execution.wall_ms);
    if (const std::string_view limit = limit_of(result->execution.reason); !limit.empty())
        limits_.add({std::string(limit)});
}

void Metrics::count_code(std::string_view language, const Result<RunResult>& result, const ExecutionTimes& times)
{
    count_execution(ExecutionKind::code, language, result);
    observe(ExecutionKind::code, "queue", times.queue);
    observe(ExecutionKind::code, "total", times.total);
    if (!result) return;
    const auto around = times.total - times.queue - result->execution.wall_ms;
    observe(ExecutionKind::code, "prepare", std::max(around, std::chrono::milliseconds(0)));
}

void Metrics::count_engine_call(std::string_view method, std::string_view path, unsigned status,
                                std::chrono::microseconds duration)
{
    const std::string operation = engine_operation(method, path);
    engine_calls_.add({operation});
    engine_seconds_.observe({operation}, seconds_of(duration));
    if (status == 0 || status >= 400) engine_errors_.add({operation, status == 0 ? "none" : std::to_string(status)});
}

void Metrics::write(std::string& text) const
{
    requests_.write(text);
    request_seconds_.write(text);
    refused_.write(text);
    bytes_.write(text);
    executions_.write(text);
    execution_seconds_.write(text);
    limits_.write(text);
    engine_calls_.write(text);
    engine_errors_.write(text);
    engine_seconds_.write(text);
}

}  // namespace sbx::daemon
