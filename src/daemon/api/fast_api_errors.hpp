#pragma once

#include "daemon/api/error_shape.hpp"

namespace sbx::daemon {

/// `{"detail":…}`: a sentence, or with 422 the list of all members that are wrong.
/// @source FastAPI's and Starlette's handlers of exceptions; pydantic's errors
class FastApiErrors : public ErrorShape {
   public:
    Response answer(const Error& error, const std::string& request_id) const override;
    Response answer(const std::vector<FieldError>& errors, const std::string& request_id) const override;
    Response no_path(const RequestHead& head) const override;
    Response no_method(const RequestHead& head, const std::string& allowed) const override;
    Response malformed(const Error& error, std::size_t position, const RequestHead& head) const override;
    nlohmann::ordered_json schema(unsigned status) const override;
    unsigned status_of_field_errors() const override { return 422; }
};

/// How FastAPI takes a request's JSON.
inline constexpr Reading fast_api_reading{
    .refuses_unknown = false, .is_lax = true, .wants_body = true, .takes_foreign_body = true};

}  // namespace sbx::daemon
