#pragma once

#include "daemon/api/decode.hpp"
#include "daemon/http/message.hpp"
#include "sbx/error.hpp"

#include <string>
#include <vector>

namespace sbx::daemon {

/// How a dialect tells errors.
class ErrorShape {
   public:
    virtual ~ErrorShape() = default;
    virtual Response answer(const Error& error, const std::string& request_id) const = 0;
    /// Of a request whose members are wrong.
    virtual Response answer(const std::vector<FieldError>& errors, const std::string& request_id) const = 0;
    virtual nlohmann::ordered_json schema() const = 0;
    virtual unsigned status_of_field_errors() const = 0;
};

/// What the first of them means, and how many more there are.
Error first_error(const std::vector<FieldError>& errors);

/// `{"error":{"code","message","hint","request_id"}}`; wrong members are 400, the first one named.
class NativeErrors : public ErrorShape {
   public:
    Response answer(const Error& error, const std::string& request_id) const override;
    Response answer(const std::vector<FieldError>& errors, const std::string& request_id) const override;
    nlohmann::ordered_json schema() const override;
    unsigned status_of_field_errors() const override { return 400; }
};

}  // namespace sbx::daemon
