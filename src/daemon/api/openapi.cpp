#include "daemon/api/openapi.hpp"

#include "daemon/api/endpoint.hpp"
#include "daemon/http/message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace sbx::daemon {
namespace {

using nlohmann::ordered_json;

std::vector<std::string> parameters_of(const std::string& pattern)
{
    std::vector<std::string> names;
    for (std::size_t at = pattern.find('{'); at != std::string::npos; at = pattern.find('{', at + 1)) {
        std::string name = pattern.substr(at + 1, pattern.find('}', at) - at - 1);
        if (name.ends_with("...")) name.resize(name.size() - 3);
        names.push_back(std::move(name));
    }
    return names;
}

/// As OpenAPI writes it: it has no word for "all that is left".
std::string documented(std::string pattern)
{
    if (const std::size_t at = pattern.find("...}"); at != std::string::npos) pattern.erase(at, 3);
    return pattern;
}

ordered_json parameter(const std::string& name, const char* in, ordered_json schema, bool required)
{
    ordered_json parameter{{"name", name}, {"in", in}, {"required", required}};
    if (const auto at = schema.find("description"); at != schema.end()) {
        parameter["description"] = *at;
        schema.erase(at);
    }
    parameter["schema"] = std::move(schema);
    return parameter;
}

bool is_required(const ordered_json& schema, const std::string& name)
{
    const auto at = schema.find("required");
    return at != schema.end() && std::find(at->begin(), at->end(), name) != at->end();
}

/// `getV1SandboxesId` of `GET /v1/sandboxes/{id}`: unique, as method and path are.
std::string operation_id(const Route& route)
{
    std::string id(http::to_string(route.method));
    std::ranges::transform(id, id.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    bool begins = true;
    for (const char c : route.pattern) {
        const bool is_word = std::isalnum(static_cast<unsigned char>(c)) != 0;
        if (is_word) id += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        begins = !is_word;
    }
    return id;
}

std::map<unsigned, std::string> failures_of(const Route& route)
{
    std::map<unsigned, std::string> failures;
    std::vector<Errc> codes = route.text.errors;
    if (!route.open) codes.push_back(Errc::unauthenticated);
    for (const Errc code : codes) {
        std::string& names = failures[http_status(code)];
        names += fmt::format("{}{}", names.empty() ? "" : ", ", name_of(code));
    }
    if (route.reads_body) {
        failures.try_emplace(413, "The body is too large");
        failures.try_emplace(415, "The body is not JSON");
    }
    std::string& wrong = failures[route.errors->status_of_field_errors()];
    if (wrong.empty()) wrong = "The request is wrong";
    for (const OtherStatus& other : route.text.others) {
        if (other.status < 400) continue;
        std::string& known = failures[other.status];
        known += fmt::format("{}{}", known.empty() ? "" : "; ", other.description);
    }
    return failures;
}

ordered_json described_other(const Route& route, const OtherStatus& other)
{
    ordered_json answer{{"description", other.description}};
    if (other.status < 300 && !route.text.produces.empty())
        answer["content"][route.text.produces] = ordered_json::object();
    return answer;
}

void describe_headers(ordered_json& operation, const Route& route)
{
    for (const HeaderText& header : route.text.headers)
        operation["parameters"].push_back({{"name", header.name},
                                           {"in", "header"},
                                           {"required", false},
                                           {"description", header.description},
                                           {"schema", {{"type", "string"}}}});
}

ordered_json operation_of(const Route& route, Schemas& schemas)
{
    ordered_json operation;
    operation["operationId"] = operation_id(route);
    operation["summary"] = route.text.summary;
    if (!route.text.description.empty()) operation["description"] = route.text.description;
    operation["tags"] = ordered_json::array({route.text.tag});
    operation["responses"] = ordered_json::object();
    route.endpoint->describe(schemas, route, operation);
    describe_headers(operation, route);
    for (const OtherStatus& other : route.text.others)
        if (other.status < 400) operation["responses"][std::to_string(other.status)] = described_other(route, other);
    for (const auto& [status, names] : failures_of(route)) {
        ordered_json answer{{"description", names}};
        answer["content"]["application/json"]["schema"] = route.errors->schema(status);
        operation["responses"][std::to_string(status)] = std::move(answer);
    }
    if (route.open) operation["security"] = ordered_json::array();
    return operation;
}

}  // namespace

ordered_json described_answer(const RouteText& text, ordered_json schema)
{
    ordered_json answer{{"description", text.produces.empty() ? "Done" : "The answer"}};
    if (text.produces.empty()) return answer;
    answer["content"][text.produces] = ordered_json::object();
    if (!schema.is_null()) answer["content"][text.produces]["schema"] = std::move(schema);
    return answer;
}

void describe_request(ordered_json& operation, const Route& route, const std::string& name, const ordered_json& schema)
{
    const std::vector<std::string> in_path = parameters_of(route.pattern);
    ordered_json parameters = ordered_json::array();
    ordered_json rest = schema;
    for (const std::string& word : in_path) {
        parameters.push_back(parameter(word, "path", schema["properties"][word], true));
        parameters.back()["schema"].erase("default");
        rest["properties"].erase(word);
    }
    if (!route.reads_body) {
        for (const auto& [word, its] : rest["properties"].items())
            parameters.push_back(parameter(word, "query", its, is_required(schema, word)));
        if (route.text.consumes != "application/json")
            operation["requestBody"]["content"][route.text.consumes] = ordered_json::object();
    } else if (in_path.empty()) {
        operation["requestBody"]["content"]["application/json"]["schema"] = {{"$ref", "#/components/schemas/" + name}};
    } else if (!rest["properties"].empty()) {
        operation["requestBody"]["content"]["application/json"]["schema"] = std::move(rest);
    }
    if (!parameters.empty()) operation["parameters"] = std::move(parameters);
}

ordered_json openapi_document(const std::vector<Route>& routes, const std::string& title, const std::string& version,
                              const std::string& prefix)
{
    Schemas schemas;
    ordered_json paths = ordered_json::object();
    for (const Route& route : routes) {
        std::string method(http::to_string(route.method));
        std::ranges::transform(method, method.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        paths[documented(route.pattern)][method] = operation_of(route, schemas);
    }
    ordered_json document{{"openapi", "3.1.0"}, {"info", {{"title", title}, {"version", version}}}};
    if (!prefix.empty()) document["servers"] = ordered_json::array({{{"url", prefix}}});
    document["paths"] = std::move(paths);
    document["components"]["schemas"] = schemas.named();
    document["components"]["securitySchemes"] = {
        {"key", {{"type", "http"}, {"scheme", "bearer"}}},
        {"header", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-API-Key"}}}};
    document["security"] = ordered_json::array({{{"key", ordered_json::array()}}, {{"header", ordered_json::array()}}});
    return document;
}

}  // namespace sbx::daemon
