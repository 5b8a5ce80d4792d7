#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sbx::daemon {

/// Without padding, and only what an encoder writes: the bits that mean nothing are zero.
/// @return nothing where `text` is anything else
/// @source RFC 4648, section 5; RFC 7515, section 2
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace sbx::daemon
