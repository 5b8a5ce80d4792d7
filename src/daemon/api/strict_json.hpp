#pragma once

#include "sbx/result.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace sbx::daemon {

/// JSON of a stranger: at most 32 deep, at most 10,000 members and elements, no name twice in an object, valid UTF-8,
/// numbers that are finite.
/// @error invalid_argument  what is wrong, and at which byte
/// @source RFC 8259; SECURITY-TARGETS §6
Result<nlohmann::json> parse_strict_json(std::string_view text);

}  // namespace sbx::daemon
