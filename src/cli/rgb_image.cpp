#include "cli/rgb_image.hpp"

#include <algorithm>

namespace sbx::cli {
namespace {

/// The mean of one colour in a square, as far as that lies in the image.
std::uint8_t mean(const RgbImage& image, std::size_t left, std::size_t top, std::size_t side, std::size_t colour)
{
    const std::size_t right = std::min(left + side, image.width);
    const std::size_t bottom = std::min(top + side, image.height);
    std::size_t sum = 0;
    for (std::size_t y = top; y < bottom; ++y)
        for (std::size_t x = left; x < right; ++x) sum += image.bytes[(y * image.width + x) * 3 + colour];
    return static_cast<std::uint8_t>(sum / ((right - left) * (bottom - top)));
}

}  // namespace

RgbImage shrunk(RgbImage image, std::size_t most)
{
    const std::size_t factor = (std::max(image.width, image.height) + most - 1) / most;
    if (factor <= 1) return image;
    RgbImage small{.width = (image.width + factor - 1) / factor, .height = (image.height + factor - 1) / factor};
    small.bytes.reserve(small.width * small.height * 3);
    for (std::size_t y = 0; y < image.height; y += factor)
        for (std::size_t x = 0; x < image.width; x += factor)
            for (std::size_t colour = 0; colour < 3; ++colour) small.bytes.push_back(mean(image, x, y, factor, colour));
    return small;
}

}  // namespace sbx::cli
