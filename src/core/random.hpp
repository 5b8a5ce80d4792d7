#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sbx {

/// `count` random bytes from the kernel, as lower-case hexadecimal digits.
std::string random_hex(std::size_t count);

/// `count` characters of `alphabet`, each as likely as the others.
/// @pre alphabet.size() <= 256
std::string random_text(std::size_t count, std::string_view alphabet);

}  // namespace sbx
