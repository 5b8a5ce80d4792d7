#include "daemon/dialects/app/nest_errors.hpp"

#include "daemon/api/request_json.hpp"

#include <fmt/format.h>
#include <boost/beast/http/status.hpp>

namespace sbx::daemon::app {
namespace {

using nlohmann::ordered_json;

/// @param message  a text, or a list of them
Response exception(unsigned status, ordered_json message)
{
    ordered_json body;
    body["message"] = std::move(message);
    body["error"] = std::string(http::obsolete_reason(static_cast<http::status>(status)));
    body["statusCode"] = status;
    return {status, dump(body), "application/json; charset=utf-8"};
}

/// @param words  as a FieldError has them: `'a', 'b' or 'c'`
std::string without_quotes(const std::string& words)
{
    std::string plain;
    for (std::size_t i = 0; i < words.size();) {
        if (words.compare(i, 4, " or ") == 0) {
            plain += ", ";
            i += 4;
        } else {
            if (words[i] != '\'') plain += words[i];
            ++i;
        }
    }
    return plain;
}

std::string sentence_of_element(const std::string& name, const FieldError& error)
{
    if (error.type == "value_error") return fmt::format("{}: {}", name, error.ctx.at("error").get<std::string>());
    if (error.type == "string_too_long")
        return fmt::format("each value in {} must be shorter than or equal to {} characters", name,
                           error.ctx.at("max_length").get<std::size_t>());
    return fmt::format("each value in {} must be a string", name);
}

void add_sentences(std::vector<std::string>& all, const FieldError& error)
{
    const std::string name = error.loc.size() > 1 ? error.loc[1].get<std::string>() : "the body";
    if (error.loc.size() > 2) {  // a list's sentence is said once, for all of its elements
        std::string sentence = sentence_of_element(name, error);
        if (all.empty() || all.back() != sentence) all.push_back(std::move(sentence));
    } else if (error.type == "bool_type") {
        all.push_back(fmt::format("{} must be a boolean value", name));
    } else if (error.type == "list_type") {
        if (!error.input.is_string()) all.push_back(fmt::format("each value in {} must be a string", name));
        all.push_back(fmt::format("{} must be an array", name));
    } else if (error.type == "too_long") {
        all.push_back(fmt::format("{} must contain no more than {} elements", name,
                                  error.ctx.at("max_length").get<std::size_t>()));
    } else if (error.type == "enum") {
        all.push_back(fmt::format("{} must be one of the following values: {}", name,
                                  without_quotes(error.ctx.at("expected").get<std::string>())));
        if (!error.input.is_string()) all.push_back(fmt::format("{} must be a string", name));
    } else if (error.type == "model_attributes_type") {
        all.emplace_back("Validation failed (object is expected)");
    } else {
        all.push_back(fmt::format("{} must be a string", name));
    }
}

}  // namespace

Response NestErrors::answer(const Error& error, const std::string& /*request_id*/) const
{
    Response response;
    switch (error.code) {
        case Errc::internal:
            return exception(500, "Internal server error");
        case Errc::too_large:
            return exception(413, "Request body is too large");
        case Errc::unauthenticated:
            return exception(401, "Unauthorized");
        case Errc::image_unavailable:
            return exception(503, error.message);
        case Errc::resource_exhausted:
            response = exception(429, error.message);
            response.headers.emplace_back("Retry-After", seconds_until_retry);
            return response;
        default:
            return exception(http_status(error.code), error.message);
    }
}

Response NestErrors::answer(const std::vector<FieldError>& errors, const std::string& /*request_id*/) const
{
    std::vector<std::string> sentences;
    for (const FieldError& error : errors) add_sentences(sentences, error);
    return exception(400, sentences);
}

Response NestErrors::no_path(const RequestHead& head) const
{
    return exception(404,
                     fmt::format("Cannot {} {}", std::string_view(http::to_string(head.method)), head.target.text));
}

Response NestErrors::no_method(const RequestHead& head, const std::string& /*allowed*/) const
{
    return no_path(head);
}

Response NestErrors::foreign_body(const RequestHead& /*head*/) const
{
    return exception(415, "Unsupported Media Type");
}

Response NestErrors::malformed(const Error& /*error*/, std::size_t /*position*/, const RequestHead& /*head*/) const
{
    return exception(400, "Body is not valid JSON but content-type is set to 'application/json'");
}

ordered_json NestErrors::schema(unsigned status) const
{
    auto schema = ordered_json::parse(R"({
        "type": "object",
        "title": "HttpException",
        "required": ["message", "error", "statusCode"],
        "properties": {"message": {"type": "string"}, "error": {"type": "string"}, "statusCode": {"type": "integer"}}
    })");
    if (status == status_of_field_errors())
        schema["properties"]["message"] =
            ordered_json::parse(R"({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})");
    return schema;
}

}  // namespace sbx::daemon::app
