// Pictures that code in a sandbox shows: files that claim to be PNG, and any pixels.
#include "cli/png_image.hpp"
#include "cli/sixel.hpp"

#include <cstdint>
#include <cstdlib>

using namespace sbx::cli;

namespace {

void check(const RgbImage& image)
{
    if (image.bytes.size() != image.width * image.height * 3) std::abort();
    const RgbImage small = shrunk(image, 100);
    if (small.width > 100 || small.height > 100) std::abort();
    const std::string drawn = draw_as_sixel(small);
    if (drawn.find_first_of(std::string_view("\x1b\x07\x9c", 3), 1) != drawn.size() - 2) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
    if (const auto image = decode_png({reinterpret_cast<const char*>(input), size})) check(*image);
    if (size < 4) return 0;
    RgbImage image{.width = std::size_t{1} + input[0]};
    image.height = (size - 1) / 3 / image.width;
    image.bytes.assign(input + 1, input + 1 + image.width * image.height * 3);
    if (image.height > 0) check(image);
    return 0;
}
