#include "catch.hpp"
#include "daemon/trace/traces.hpp"

#include <map>

using namespace sbx;
using namespace sbx::daemon;

namespace {

constexpr const char* request_id = "0123456789abcdef0000000000000003";
constexpr const char* trace = "4bf92f3577b34da6a3ce929d0e0e4736";

Environment environment(std::map<std::string, std::string> variables)
{
    return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
        const auto at = variables.find(std::string(name));
        return at == variables.end() ? std::nullopt : std::optional(at->second);
    };
}

}  // namespace

TEST_CASE("a request goes on with the client's trace, with a span of its own")
{
    const TraceContext context = trace_context("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", request_id);
    CHECK(context == TraceContext{trace, "0123456789abcdec", "00f067aa0ba902b7", true});
    CHECK_FALSE(trace_context("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", request_id).is_recorded);
    CHECK(trace_context("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", request_id).trace_id == trace);
}

TEST_CASE("without a sound traceparent the trace is the request's own")
{
    const char* const malformed = GENERATE("", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                                           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                                           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                                           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                                           "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g");
    CHECK(trace_context(malformed, request_id) == TraceContext{request_id, "0123456789abcdec", "", true});
}

TEST_CASE("spans have the form of OTLP's JSON encoding")
{
    Span span;
    span.trace_id = trace;
    span.span_id = "00f067aa0ba902b7";
    span.name = "GET /v1/pool";
    span.kind = Span::Kind::server;
    span.begin = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123));
    span.end = span.begin + std::chrono::milliseconds(2);
    span.attributes = {{"http.route", "/v1/pool"}, {"http.response.status_code", 500}, {"done", true}};
    span.has_failed = true;
    const std::vector<std::pair<std::string, nlohmann::json>> resource{{"service.name", "sbx"}};
    const nlohmann::json body = otlp_json(std::span(&span, 1), resource);
    const nlohmann::json& of = body["resourceSpans"][0];
    CHECK(of["resource"]["attributes"].dump() == R"([{"key":"service.name","value":{"stringValue":"sbx"}}])");
    const nlohmann::json& written = of["scopeSpans"][0]["spans"][0];
    CHECK(written["startTimeUnixNano"] == "1700000000123000000");
    CHECK(written["endTimeUnixNano"] == "1700000000125000000");
    CHECK(written["kind"] == 2);
    CHECK_FALSE(written.contains("parentSpanId"));
    CHECK(written["attributes"][1]["value"]["intValue"] == "500");
    CHECK(written["attributes"][2]["value"]["boolValue"] == true);
    CHECK(written["status"]["code"] == 2);
}

TEST_CASE("OpenTelemetry's variables name the collector")
{
    CHECK_FALSE(trace_target(environment({}))->has_value());
    const auto base = trace_target(
        environment({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/base/"},
                     {"OTEL_EXPORTER_OTLP_HEADERS", "a=b,, c=d=e,Authorization=Basic%20eA==,x=%0d%0ay,=z,p=%"},
                     {"OTEL_SERVICE_NAME", "box"}}));
    REQUIRE(base);
    CHECK((**base).path == "/base/v1/traces");
    CHECK((**base).collector.endpoint.port == 4318);
    CHECK((**base).collector.headers ==
          std::vector<std::pair<std::string, std::string>>{{"a", "b"}, {"c", "d=e"}, {"Authorization", "Basic eA=="}});
    CHECK((**base).service == "box");
    const auto own = trace_target(environment({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://other"},
                                               {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318"}}));
    CHECK((**own).path == "/");
    CHECK((**trace_target(environment({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1]"}}))).collector.endpoint.port ==
          80);
    CHECK((**trace_target(environment({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://c"}}))).collector.endpoint.port == 443);
    CHECK_FALSE(
        trace_target(environment({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:1"}, {"OTEL_SDK_DISABLED", "true"}}))
            ->has_value());
    CHECK_FALSE(trace_target(environment({{"OTEL_EXPORTER_OTLP_ENDPOINT", "collector"}})).has_value());
    CHECK_FALSE(trace_target(environment({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"},
                                          {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}}))
                    .has_value());
}
