#pragma once

#include <string>
#include <string_view>

namespace sbx::wire {

/// RFC 4648 section 4, padded, in one line.
std::string to_base64(std::string_view bytes);

/// @return false when `text` is not exactly what `to_base64` could have written
bool from_base64(std::string_view text, std::string& bytes);

}  // namespace sbx::wire
