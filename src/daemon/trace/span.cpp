#include "daemon/trace/span.hpp"

#include "sbx/version.hpp"

namespace sbx::daemon {
namespace {

using nlohmann::json;

json value_of(const json& value)
{
    if (value.is_boolean()) return {{"boolValue", value}};
    if (value.is_number_integer()) return {{"intValue", value.dump()}};  // 64 bits are texts in this encoding
    return {{"stringValue", value}};
}

json attributes_of(const std::vector<std::pair<std::string, json>>& attributes)
{
    json list = json::array();
    for (const auto& [key, value] : attributes) list.push_back({{"key", key}, {"value", value_of(value)}});
    return list;
}

std::string nanoseconds(std::chrono::system_clock::time_point time)
{
    return std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

json json_of(const Span& span)
{
    json all;
    all["traceId"] = span.trace_id;
    all["spanId"] = span.span_id;
    if (!span.parent_id.empty()) all["parentSpanId"] = span.parent_id;
    all["name"] = span.name;
    all["kind"] = static_cast<int>(span.kind);
    all["startTimeUnixNano"] = nanoseconds(span.begin);
    all["endTimeUnixNano"] = nanoseconds(span.end);
    all["attributes"] = attributes_of(span.attributes);
    constexpr int status_error = 2;
    if (span.has_failed) all["status"] = {{"code", status_error}};
    return all;
}

}  // namespace

json otlp_json(std::span<const Span> spans, const std::vector<std::pair<std::string, json>>& resource)
{
    json list = json::array();
    for (const Span& span : spans) list.push_back(json_of(span));
    const json scope = {{"name", "sbx"}, {"version", std::string(version())}};
    json scopes = json::array({{{"scope", scope}, {"spans", std::move(list)}}});
    json of = {{"attributes", attributes_of(resource)}};
    json all = json::array({{{"resource", std::move(of)}, {"scopeSpans", std::move(scopes)}}});
    return {{"resourceSpans", std::move(all)}};
}

}  // namespace sbx::daemon
