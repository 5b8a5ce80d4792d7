#pragma once

#include "cli/rgb_image.hpp"

#include <string>

namespace sbx::cli {

/// The image as sixel, in at most 256 colours.
/// @source DEC STD 070, chapter 9: six rows are a band, a colour of a band is a line of characters
std::string draw_as_sixel(const RgbImage& image);

}  // namespace sbx::cli
