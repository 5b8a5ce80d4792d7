#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sbx::cli {

/// Pixels, row by row, from the left: red, green and blue, a byte each.
struct RgbImage {
    std::size_t width = 0;
    std::size_t height = 0;
    std::vector<std::uint8_t> bytes;

    bool operator==(const RgbImage&) const = default;
};

/// The image, made smaller by a whole factor where a side is longer than `most`.
RgbImage shrunk(RgbImage image, std::size_t most);

}  // namespace sbx::cli
