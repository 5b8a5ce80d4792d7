#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sbx {

/// @param deflated  in zlib's format
/// @return whether it is whole and what it holds fills `into` exactly
bool inflate(std::string_view deflated, std::span<std::byte> into);

/// A file that is part of this binary, as cmake/deflate.py has made it: its size in four bytes, the highest first, and
/// what `inflate` takes.
struct DeflatedFile {
    std::string_view deflated;

    /// Inflates it anew each time.
    std::string bytes() const;
};

}  // namespace sbx
