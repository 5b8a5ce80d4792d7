#include "daemon/api/request_json.hpp"
#include "daemon/dialects/librechat/exec_answer.hpp"
#include "daemon/dialects/librechat/exec_request.hpp"
#include "daemon/dialects/librechat/librechat.hpp"

#include <array>

namespace sbx::daemon {

// Types that requests and answers are made of: they have names for templates of other files.

/// A tool of the client's, with whatever else it says of it.
struct ToolDescription {
    std::string name;
    nlohmann::json whole;
};

void read_json(Decoder& decoder, const nlohmann::json& in, ToolDescription& out)
{
    const bool has_name = in.is_object() && in.contains("name") && in["name"].is_string();
    if (!has_name) return decoder.fail("Input should be a tool with a name", "missing");
    out.name = in["name"];
    out.whole = in;
}

template <>
struct JsonForm<ToolDescription> {
    static constexpr const char* name = "ToolDescription";
    static Schemas::Json schema(Schemas& /*schemas*/)
    {
        return Schemas::Json::parse(R"({"type": "object", "title": "ToolDescription", "required": ["name"],
            "properties": {"name": {"type": "string"}, "description": {"type": "string"},
                           "parameters": {"type": "object"}}})");
    }
    static nlohmann::ordered_json write(const ToolDescription& tool) { return tool.whole; }
};

struct ToolResultText {
    std::string call_id;
    nlohmann::json result;
    bool is_error = false;
    std::string error_message;
};
BOOST_DESCRIBE_STRUCT(ToolResultText, (), (call_id, result, is_error, error_message))

constexpr auto fields_of(const ToolResultText* /*type*/)
{
    return std::to_array<Field>({{.name = "call_id", .required = true, .example = R"("call_001")"}});
}

struct ProgrammaticRequest {
    std::optional<std::string> code;
    std::optional<std::vector<ToolDescription>> tools;
    std::string lang;
    std::string language;
    std::optional<std::vector<FileReference>> files;
    std::optional<double> timeout;
    std::string session_id;
    std::optional<std::string> continuation_token;
    std::optional<std::vector<ToolResultText>> tool_results;
};
BOOST_DESCRIBE_STRUCT(ProgrammaticRequest, (),
                      (code, tools, lang, language, files, timeout, session_id, continuation_token, tool_results))

constexpr auto fields_of(const ProgrammaticRequest* /*type*/)
{
    return std::to_array<Field>({
        {.name = "code", .description = "Calls the tools as functions", .example = R"j("print(1)")j"},
        {.name = "tools", .description = "At most 100; may be empty", .max_length = 100, .example = "[]"},
        {.name = "lang", .description = "python or bash"},
        {.name = "language", .description = "The same by another name"},
        {.name = "files", .description = "Stored ones that it finds in /mnt/data"},
        {.name = "timeout", .description = "Milliseconds of its own time"},
        {.name = "session_id", .description = "Of an earlier run, to go on with its files"},
        {.name = "continuation_token", .description = "Of an execution that waits: nothing but it and tool_results"},
        {.name = "tool_results", .description = "Of all calls that it waits for", .max_length = 10'000},
    });
}

struct CancelRequest {
    std::string request_id;
};
BOOST_DESCRIBE_STRUCT(CancelRequest, (), (request_id))

constexpr auto fields_of(const CancelRequest* /*type*/)
{
    return std::to_array<Field>({{.name = "request_id",
                                  .description = "X-LibreChat-Code-Request-ID of any request of the execution",
                                  .required = true}});
}

struct Cancelled {
    std::string status = "cancelled";
};
BOOST_DESCRIBE_STRUCT(Cancelled, (), (status))

template <>
struct JsonForm<ToolAnswer> {
    static constexpr const char* name = "ToolAnswer";
    static Schemas::Json schema(Schemas& /*schemas*/)
    {
        return Schemas::Json::parse(R"({
            "type": "object",
            "title": "ToolAnswer",
            "required": ["status", "session_id"],
            "properties": {
                "status": {"enum": ["tool_call_required", "completed", "error"]},
                "continuation_token": {"type": "string"},
                "tool_calls": {"type": "array", "items": {"type": "object"}},
                "session_id": {"type": "string"},
                "partial_stdout": {"type": "string"},
                "error": {"type": "string"},
                "stdout": {"type": "string"},
                "stderr": {"type": "string"},
                "files": {"type": "array", "items": {"type": "object"}},
                "deleted_files": {"type": "array", "items": {"type": "string"}},
                "missing_files": {"type": "array", "items": {"type": "string"}}
            }
        })");
    }
    static nlohmann::ordered_json write(const ToolAnswer& answer);
};

namespace {

nlohmann::ordered_json json_of_calls(const ToolCalls& stopped)
{
    nlohmann::ordered_json calls = nlohmann::ordered_json::array();
    for (const ToolCall& call : stopped.calls)
        calls.push_back({{"id", call.id}, {"name", call.name}, {"input", call.input}});
    return {{"status", "tool_call_required"},
            {"continuation_token", stopped.token},
            {"tool_calls", std::move(calls)},
            {"session_id", stopped.session},
            {"partial_stdout", ""}};
}

}  // namespace

nlohmann::ordered_json JsonForm<ToolAnswer>::write(const ToolAnswer& answer)
{
    if (const auto* stopped = std::get_if<ToolCalls>(&answer)) return json_of_calls(*stopped);
    const auto& ended = std::get<ToolEnd>(answer);
    nlohmann::ordered_json json{{"status", ended.error.empty() ? "completed" : "error"}};
    if (!ended.error.empty()) json["error"] = ended.error;
    json["session_id"] = ended.end.session;
    json["stdout"] = ended.end.output;
    json["stderr"] = ended.end.errors;
    json["files"] = librechat::files_json(ended.end);
    librechat::add_rare_members(json, ended.end);
    return json;
}

namespace librechat {
namespace {

constexpr std::size_t most_result_bytes = std::size_t{5} << 20;

/// By which a client cancels it.
std::string request_id(const Call& call)
{
    return std::string(std::string_view(call.exchange.head().fields["X-LibreChat-Code-Request-ID"]));
}

Result<ToolOrder> order_of(ProgrammaticRequest request)
{
    if (!request.code) return Error(Errc::invalid_argument, "code: Field required");
    if (!request.tools) return Error(Errc::invalid_argument, "tools: Field required");
    ToolOrder order;
    order.dialect = name;
    order.descriptions = nlohmann::json::array();
    for (ToolDescription& tool : *request.tools) {
        order.tools.push_back(std::move(tool.name));
        order.descriptions.push_back(std::move(tool.whole));
    }
    InterpreterOrder& code = order.code;
    code.language = request.lang.empty() ? std::move(request.language) : std::move(request.lang);
    if (code.language.empty()) code.language = "python";
    code.code = std::move(*request.code);
    code.files = std::move(request.files);
    code.timeout = time_of(request.timeout);
    code.session = std::move(request.session_id);
    return order;
}

Result<std::vector<ToolResult>> results_of(std::optional<std::vector<ToolResultText>> texts)
{
    if (!texts) return Error(Errc::invalid_argument, "tool_results: Field required");
    std::vector<ToolResult> results;
    for (ToolResultText& text : *texts) {
        if (dump(nlohmann::ordered_json(text.result)).size() > most_result_bytes)
            return Error(Errc::too_large, "a tool's result has more than 5 MB");
        results.push_back(
            {std::move(text.call_id), std::move(text.result), text.is_error, std::move(text.error_message)});
    }
    return results;
}

asio::awaitable<Result<ToolAnswer>> execute(Services services, Call& call, ProgrammaticRequest request)
{
    std::string id = request_id(call);
    if (request.continuation_token) {
        auto results = results_of(std::move(request.tool_results));
        if (!results) co_return results.error();
        co_return co_await services.tools.resume(call.exchange, std::move(*request.continuation_token),
                                                 std::move(*results), call.caller, std::move(id));
    }
    auto order = order_of(std::move(request));
    if (!order) co_return order.error();
    co_return co_await services.tools.start(call.exchange, std::move(*order), call.caller, std::move(id));
}

asio::awaitable<Result<Cancelled>> cancel(Services services, Call& call, CancelRequest request)
{
    const Result<void> cancelled = services.tools.cancel(request.request_id, call.caller);
    if (!cancelled) co_return cancelled.error();
    co_return Cancelled();
}

}  // namespace

void add_tool_routes(Routes& routes, const Services& services)
{
    for (const std::string& path : client_paths("/exec/programmatic"))
        routes.add<ProgrammaticRequest, ToolAnswer>(
            http::verb::post, path,
            {.summary = "Run code that calls tools of the client's",
             .tag = name,
             .description = "Answers when the code waits for tools, and when it has ended.",
             .errors = {Errc::not_found, Errc::conflict, Errc::too_large, Errc::resource_exhausted, Errc::unavailable}},
            [services](Call& call, ProgrammaticRequest request) {
                return execute(services, call, std::move(request));
            });
    for (const std::string& path : client_paths("/exec/programmatic/cancel"))
        routes.add<CancelRequest, Cancelled>(
            http::verb::post, path,
            {.summary = "End an execution that calls tools", .tag = name, .errors = {Errc::not_found}},
            [services](Call& call, CancelRequest request) { return cancel(services, call, std::move(request)); });
}

}  // namespace librechat
}  // namespace sbx::daemon
