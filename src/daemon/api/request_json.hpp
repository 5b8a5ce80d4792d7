#pragma once

#include "daemon/http/message.hpp"
#include "sbx/result.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

namespace sbx::daemon {

/// Of a body that carries no file's content.
inline constexpr std::size_t most_json_bytes = std::size_t{1} << 20;

/// The members of a query as texts.
/// @error invalid_argument  a name comes again: whoever looks at it must not see another value than somebody else
Result<nlohmann::json> query_json(const Target& target);

/// An answer's text. Bytes that are not UTF-8 are replaced.
std::string dump(const nlohmann::ordered_json& json);

}  // namespace sbx::daemon
