#pragma once

#include "daemon/http/exchange.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

namespace sbx::daemon {

/// Of a body that carries no file's content.
inline constexpr std::size_t most_json_bytes = std::size_t{1} << 20;

/// The members of a query as texts.
/// @error invalid_argument  a name comes again: whoever looks at it must not see another value than somebody else
Result<nlohmann::json> query_json(const Target& target);

/// The JSON in a body; an empty one is an empty object.
/// @error invalid_argument, too_large, deadline_exceeded
asio::awaitable<Result<nlohmann::json>> json_body(Exchange& exchange, std::size_t limit = most_json_bytes);

/// An answer's text. Bytes that are not UTF-8 are replaced.
std::string dump(const nlohmann::ordered_json& json);

}  // namespace sbx::daemon
