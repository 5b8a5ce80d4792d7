#pragma once

#include <string>
#include <string_view>

namespace sbx {

/// The beginning of a text's SHA-256: 32 hexadecimal digits.
std::string short_hash(std::string_view text);

}  // namespace sbx
