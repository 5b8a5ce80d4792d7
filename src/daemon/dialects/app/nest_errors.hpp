#pragma once

#include "daemon/api/error_shape.hpp"

namespace sbx::daemon::app {

/// `{"message","error","statusCode"}`; `message` is a list of sentences where members are wrong.
/// @source NestJS's handler of exceptions on Fastify; class-validator's sentences
class NestErrors : public ErrorShape {
   public:
    Response answer(const Error& error, const std::string& request_id) const override;
    Response answer(const std::vector<FieldError>& errors, const std::string& request_id) const override;
    Response no_path(const RequestHead& head) const override;
    /// It knows no difference between them.
    Response no_method(const RequestHead& head, const std::string& allowed) const override;
    Response foreign_body(const RequestHead& head) const override;
    Response malformed(const Error& error, std::size_t position, const RequestHead& head) const override;
    nlohmann::ordered_json schema(unsigned status) const override;
    unsigned status_of_field_errors() const override { return 400; }
};

/// How its validation takes a request's JSON.
inline constexpr Reading nest_reading{.refuses_unknown = false, .is_forgiving = true};

}  // namespace sbx::daemon::app
