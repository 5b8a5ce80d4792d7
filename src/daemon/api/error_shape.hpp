#pragma once

#include "daemon/api/decode.hpp"
#include "daemon/http/message.hpp"
#include "sbx/error.hpp"

#include <string>
#include <vector>

namespace sbx::daemon {

/// What whoever is told that there is too much at once finds in Retry-After.
inline constexpr const char* seconds_until_retry = "1";

/// How a dialect tells errors.
class ErrorShape {
   public:
    virtual ~ErrorShape() = default;
    virtual Response answer(const Error& error, const std::string& request_id) const = 0;
    /// Of a request whose members are wrong.
    virtual Response answer(const std::vector<FieldError>& errors, const std::string& request_id) const = 0;

    // What is refused before there is a route or a request. As `answer`, unless a dialect says otherwise.
    virtual Response no_path(const RequestHead& head) const;
    /// @param allowed  what the path takes: "GET, POST"
    virtual Response no_method(const RequestHead& head, const std::string& allowed) const;
    /// A body of another type than JSON.
    virtual Response foreign_body(const RequestHead& head) const;
    /// @param error     what is wrong with the JSON
    /// @param position  at which byte
    virtual Response malformed(const Error& error, std::size_t position, const RequestHead& head) const;

    /// Of the bodies that a failure of this status has.
    virtual nlohmann::ordered_json schema(unsigned status) const = 0;
    virtual unsigned status_of_field_errors() const = 0;
};

/// What the first of them means, and how many more there are.
Error first_error(const std::vector<FieldError>& errors);

/// `{"error":{"code","message","hint","request_id"}}`; wrong members are 400, the first one named.
class NativeErrors : public ErrorShape {
   public:
    Response answer(const Error& error, const std::string& request_id) const override;
    Response answer(const std::vector<FieldError>& errors, const std::string& request_id) const override;
    nlohmann::ordered_json schema(unsigned status) const override;
    unsigned status_of_field_errors() const override { return 400; }
};

}  // namespace sbx::daemon
