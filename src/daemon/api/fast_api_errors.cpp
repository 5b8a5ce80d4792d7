#include "daemon/api/fast_api_errors.hpp"

#include "daemon/api/request_json.hpp"

namespace sbx::daemon {
namespace {

using nlohmann::ordered_json;

Response detail(unsigned status, ordered_json what)
{
    const ordered_json body{{"detail", std::move(what)}};
    return {status, dump(body)};
}

/// These servers know no other trouble of their own than 500.
unsigned status_of(Errc code)
{
    switch (code) {
        case Errc::unavailable:
        case Errc::image_unavailable:
        case Errc::deadline_exceeded:
        case Errc::not_implemented:
            return 500;
        default:
            return http_status(code);
    }
}

ordered_json shown(const FieldError& error)
{
    ordered_json entry;
    entry["type"] = error.type;
    entry["loc"] = error.loc;
    entry["msg"] = error.msg;
    entry["input"] = error.input;
    if (!error.ctx.is_null()) entry["ctx"] = error.ctx;
    return entry;
}

}  // namespace

Response FastApiErrors::answer(const Error& error, const std::string& /*request_id*/) const
{
    Response response;
    switch (error.code) {
        case Errc::internal:
            return {500, "Internal Server Error", "text/plain; charset=utf-8"};
        case Errc::too_large:
            return detail(413, "Request Entity Too Large");
        case Errc::unauthenticated:
            response = detail(401, "Not authenticated");
            response.headers.emplace_back("WWW-Authenticate", "Bearer");
            return response;
        case Errc::resource_exhausted:
            response = detail(429, error.message);
            response.headers.emplace_back("Retry-After", seconds_until_retry);
            return response;
        default:
            return detail(status_of(error.code), error.message);
    }
}

Response FastApiErrors::answer(const std::vector<FieldError>& errors, const std::string& /*request_id*/) const
{
    ordered_json all = ordered_json::array();
    for (const FieldError& error : errors) all.push_back(shown(error));
    return detail(422, std::move(all));
}

Response FastApiErrors::no_path(const RequestHead& /*head*/) const
{
    return detail(404, "Not Found");
}

Response FastApiErrors::no_method(const RequestHead& /*head*/, const std::string& allowed) const
{
    Response refused = detail(405, "Method Not Allowed");
    refused.headers.emplace_back("Allow", allowed);
    return refused;
}

Response FastApiErrors::malformed(const Error& error, std::size_t position, const RequestHead& head) const
{
    const FieldError wrong{
        {"body", position}, "JSON decode error", "json_invalid", nlohmann::json::object(), {{"error", error.message}}};
    return answer(std::vector<FieldError>{wrong}, head.id);
}

ordered_json FastApiErrors::schema(unsigned status) const
{
    if (status != status_of_field_errors())
        return ordered_json::parse(R"({"type": "object", "title": "HTTPError", "required": ["detail"],
                                       "properties": {"detail": {"type": "string"}}})");
    return ordered_json::parse(R"({
        "type": "object",
        "title": "HTTPValidationError",
        "properties": {"detail": {"type": "array", "items": {
            "type": "object",
            "title": "ValidationError",
            "required": ["loc", "msg", "type"],
            "properties": {
                "loc": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
                "msg": {"type": "string"},
                "type": {"type": "string"},
                "input": {},
                "ctx": {"type": "object"}
            }
        }}}
    })");
}

}  // namespace sbx::daemon
