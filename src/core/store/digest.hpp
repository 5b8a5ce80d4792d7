#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace sbx {

/// A SHA-256.
using Digest = std::array<unsigned char, 32>;

Digest digest_of(std::string_view bytes);
std::string to_hex(const Digest& digest);
/// @return nothing unless it is 64 lower-case hexadecimal digits
std::optional<Digest> digest_from_hex(std::string_view text);

}  // namespace sbx
