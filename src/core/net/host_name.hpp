#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sbx {

/// A host as it is compared: lower case, without the dot at its end. Names are letters, digits, `-` and `_`: one of
/// another alphabet has to come in its ASCII form (`xn--…`). Addresses come in their shortest form.
/// @return nothing when the text is neither a name nor an address
std::optional<std::string> normal_host(std::string_view text);

/// Whether such a host is an address.
bool is_address(const std::string& host);

}  // namespace sbx
