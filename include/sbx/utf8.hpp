#pragma once

#include <cstddef>
#include <string_view>

namespace sbx {

/// Whether `bytes` are well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

/// How many bytes at the end are the beginning of a character whose rest is missing: 0 to 3.
std::size_t unfinished_character(std::string_view bytes);

}  // namespace sbx
