#include "daemon/executions/execution_json.hpp"

#include "core/sandbox/record_json.hpp"
#include "sbx/execution.hpp"

namespace sbx::daemon {
namespace {

using nlohmann::ordered_json;

ordered_json nullable(ordered_json schema)
{
    ordered_json null{{"type", "null"}};
    return {{"anyOf", ordered_json::array({std::move(schema), std::move(null)})}};
}

ordered_json typed(const char* type, const char* description)
{
    return {{"type", type}, {"description", description}};
}

}  // namespace

ordered_json failure_json(const Error& error)
{
    ordered_json failure;
    failure["code"] = name_of(error.code);
    failure["message"] = error.message;
    failure["hint"] = error.hint.empty() ? ordered_json() : ordered_json(error.hint);
    failure["retryable"] = is_retryable(error.code);
    ordered_json json;
    json["error"] = std::move(failure);
    json["origin"] = "sbx";
    return json;
}

Schemas::Json JsonForm<RunResult>::schema(Schemas& schemas)
{
    ordered_json members;
    members["execution_id"] = typed("string", "32 hexadecimal digits");
    members["exit_code"] = nullable(typed("integer", "As a shell sees it: 128+n after signal n"));
    members["signal"] = nullable(typed("integer", "That ended the program"));
    members["origin"] = schemas.of<Origin>();
    members["phase"] = schemas.of<Phase>();
    members["reason"] = schemas.of<Reason>();
    members["stdout"] = nullable(typed("string", "Null where it is no UTF-8: then there is stdout_base64"));
    members["stderr"] = nullable(typed("string", "Likewise"));
    members["truncated"] = typed("boolean", "More was written than stands here");
    members["wall_ms"] = typed("integer", "How long it took");
    members["cpu_ms"] = typed("integer", "Time on a processor");
    members["peak_rss_bytes"] = typed("integer", "The most memory that one of its processes had");
    members["start_time"] = typed("string", "ISO 8601, UTC");
    members["end_time"] = typed("string", "ISO 8601, UTC");
    members["path"] = schemas.of<Path>();
    members["results"] = ordered_json{{"type", "array"}, {"items", ordered_json::object()}};
    members["files"] = ordered_json{{"type", "array"}, {"items", ordered_json::object()}};
    members["network"] = ordered_json{{"type", "array"}, {"items", ordered_json::object()}};
    members["isolation"] = typed("string", "The isolation profile");
    members["image"] = typed("string", "As its user knows it");
    members["image_digest"] = typed("string", "The image's id");
    members["reused"] = typed("boolean", "The sandbox was used before");
    members["explanation"] = nullable(typed("string", "Why sbx ended the program, with the next step"));
    return {{"type", "object"}, {"title", name}, {"properties", std::move(members)}};
}

ordered_json JsonForm<RunResult>::write(const RunResult& result)
{
    ordered_json record = record_json(result.execution);
    record["explanation"] = result.explanation.empty() ? ordered_json() : ordered_json(result.explanation);
    return record;
}

}  // namespace sbx::daemon
