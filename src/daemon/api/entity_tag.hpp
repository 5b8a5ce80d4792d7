#pragma once

#include "daemon/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sbx::daemon {

/// A strong tag of these bytes, as the field has it: `"…"`.
std::string entity_tag_of(std::string_view bytes);

/// What becomes of a request by its If-Match and If-None-Match.
enum class Precondition {
    holds,         ///< it is served
    not_modified,  ///< 304: the client has it already
    failed,        ///< 412
    malformed,     ///< 400: a list of tags that is none
};

/// @param tag  of what is there now, as ETag says it; nothing: there is nothing
/// @source RFC 9110, sections 13.1.1, 13.1.2 and 13.2.2. There is no Last-Modified, so that dates are ignored
Precondition check_preconditions(http::verb method, const http::fields& fields, const std::optional<std::string>& tag);

/// Whether a Range counts: there is no If-Range, or it names this very tag.
/// @source RFC 9110, section 13.1.5
bool if_range_holds(const http::fields& fields, const std::string& tag);

}  // namespace sbx::daemon
