#pragma once

#include "cli/rgb_image.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace sbx::cli {

/// A larger picture is not decoded: few bytes may claim to be any number of pixels.
inline constexpr std::size_t most_png_pixels = std::size_t{16} << 20;

/// @param bytes  a PNG file, or anything else
/// @return its pixels, on white where it is transparent; nothing where it is none, too large, or interlaced
std::optional<RgbImage> decode_png(std::string_view bytes);

}  // namespace sbx::cli
