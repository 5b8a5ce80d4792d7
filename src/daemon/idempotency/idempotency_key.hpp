#pragma once

#include "daemon/http/message.hpp"
#include "sbx/result.hpp"

#include <optional>
#include <string>

namespace sbx::daemon {

inline constexpr const char* idempotency_key_field = "Idempotency-Key";

/// The key that a request shows: `"…"`, a string of structured fields, or the same without its quotation marks.
/// @return nothing where there is none
/// @error invalid_argument  there are two, it is empty, longer than 255 bytes, or not of printable ASCII
/// @source IETF draft "The Idempotency-Key HTTP Header Field"; RFC 8941, section 3.3.3
Result<std::optional<std::string>> idempotency_key(const http::fields& fields);

}  // namespace sbx::daemon
