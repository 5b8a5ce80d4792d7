#pragma once

#include "sbx/result.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string_view>

namespace sbx::daemon {

/// JSON of a stranger: at most 32 deep, at most 10,000 members and elements, no name twice in an object, valid UTF-8,
/// numbers that are finite.
/// @param wrong_at  at which byte it is wrong, for whoever asks
/// @error invalid_argument  what is wrong
/// @source RFC 8259; SECURITY-TARGETS §6
Result<nlohmann::json> parse_strict_json(std::string_view text, std::size_t* wrong_at = nullptr);

}  // namespace sbx::daemon
