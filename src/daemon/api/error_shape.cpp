#include "daemon/api/error_shape.hpp"

#include <fmt/format.h>

namespace sbx::daemon {
namespace {

using nlohmann::ordered_json;

/// `files[0].path`, without where it was.
std::string place_of(const FieldError& error)
{
    std::string place;
    for (std::size_t i = 1; i < error.loc.size(); ++i) {
        const nlohmann::json& step = error.loc[i];
        if (step.is_number())
            place += fmt::format("[{}]", step.get<std::size_t>());
        else
            place += (place.empty() ? "" : ".") + step.get<std::string>();
    }
    return place;
}

}  // namespace

Response ErrorShape::no_path(const RequestHead& head) const
{
    return answer(Error(Errc::not_found, "there is nothing at this path", "GET /openapi.json"), head.id);
}

Response ErrorShape::no_method(const RequestHead& head, const std::string& allowed) const
{
    Response refused = answer(Error(Errc::invalid_argument, "this path does not take that method"), head.id);
    refused.status = 405;
    refused.headers.emplace_back("Allow", allowed);
    return refused;
}

Response ErrorShape::foreign_body(const RequestHead& head) const
{
    Response refused =
        answer(Error(Errc::invalid_argument, "the body must be JSON", "Content-Type: application/json"), head.id);
    refused.status = 415;
    return refused;
}

Response ErrorShape::malformed(const Error& error, std::size_t /*position*/, const RequestHead& head) const
{
    return answer(error, head.id);
}

Response NativeErrors::answer(const Error& error, const std::string& request_id) const
{
    ordered_json body;
    body["code"] = name_of(error.code);
    body["message"] = error.message;
    body["hint"] = error.hint.empty() ? ordered_json() : ordered_json(error.hint);
    body["request_id"] = request_id;
    const ordered_json whole{{"error", std::move(body)}};
    Response response(http_status(error.code), whole.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
    if (error.code == Errc::resource_exhausted || error.code == Errc::unavailable)
        response.headers.emplace_back("Retry-After", seconds_until_retry);
    return response;
}

Error first_error(const std::vector<FieldError>& errors)
{
    const FieldError& first = errors.front();
    const std::string place = place_of(first);
    std::string message = place.empty() ? first.msg : fmt::format("{}: {}", place, first.msg);
    if (errors.size() > 1) message += fmt::format(" (and {} more)", errors.size() - 1);
    return Error(Errc::invalid_argument, std::move(message), "see /docs");
}

Response NativeErrors::answer(const std::vector<FieldError>& errors, const std::string& request_id) const
{
    return answer(first_error(errors), request_id);
}

ordered_json NativeErrors::schema(unsigned /*status*/) const
{
    return ordered_json::parse(R"({
        "type": "object",
        "title": "Error",
        "required": ["error"],
        "properties": {"error": {
            "type": "object",
            "required": ["code", "message", "hint", "request_id"],
            "properties": {
                "code": {"type": "string", "description": "What kind of failure it is, for programs"},
                "message": {"type": "string"},
                "hint": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "The next step to try"},
                "request_id": {"type": "string", "description": "As in the header X-Request-Id"}
            }
        }}
    })");
}

}  // namespace sbx::daemon
