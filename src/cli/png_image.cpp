#include "cli/png_image.hpp"

#include "core/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

namespace sbx::cli {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::string_view signature = "\x89PNG\r\n\x1a\n";
constexpr std::size_t header_bytes = 13;
constexpr std::size_t frame_bytes = 12;  // of a chunk, beside its data
constexpr std::size_t most_decoded_bytes = std::size_t{64} << 20;

enum ColourType : unsigned { grey = 0, rgb = 2, indexed = 3, grey_alpha = 4, rgb_alpha = 6 };

/// What the chunks say.
struct Png {
    std::size_t width = 0;
    std::size_t height = 0;
    unsigned depth = 0;  ///< bits of a sample
    unsigned type = 0;
    std::string palette;  ///< three bytes a colour
    std::string alpha;    ///< of the palette's colours
    std::string packed;   ///< the rows, deflated

    std::size_t samples() const { return type == rgb ? 3 : type == grey_alpha ? 2 : type == rgb_alpha ? 4 : 1; }
    std::size_t row_bytes() const { return (width * samples() * depth + 7) / 8; }
};

std::uint32_t number(std::string_view bytes)
{
    std::uint32_t value = 0;
    for (const unsigned char byte : bytes.substr(0, 4)) value = value << 8 | byte;
    return value;
}

bool is_possible(const Png& png)
{
    const bool is_small = png.depth == 1 || png.depth == 2 || png.depth == 4;
    const bool is_whole = png.depth == 8 || (png.depth == 16 && png.type != indexed);
    const bool is_one = png.type == grey || png.type == indexed;
    const bool is_known = is_one || png.type == rgb || png.type == grey_alpha || png.type == rgb_alpha;
    if (!is_known || !(is_whole || (is_small && is_one)) || png.width == 0 || png.height == 0) return false;
    return png.height <= most_png_pixels / png.width && (png.row_bytes() + 1) * png.height <= most_decoded_bytes;
}

/// @return whether it is one that is decoded: an interlaced one is not
bool read_header(std::string_view data, Png& png)
{
    if (data.size() != header_bytes || data.substr(10) != std::string_view("\0\0\0", 3)) return false;
    png.width = number(data);
    png.height = number(data.substr(4));
    png.depth = static_cast<unsigned char>(data[8]);
    png.type = static_cast<unsigned char>(data[9]);
    return is_possible(png);
}

bool take_chunk(std::string_view type, std::string_view data, Png& png)
{
    if (type == "IHDR") return png.width == 0 && read_header(data, png);
    if (type == "PLTE") png.palette = data;
    if (type == "tRNS" && png.type == indexed) png.alpha = data;
    if (type == "IDAT") png.packed += data;
    return png.width != 0;
}

std::optional<Png> read_chunks(std::string_view bytes)
{
    if (!bytes.starts_with(signature)) return std::nullopt;
    bytes.remove_prefix(signature.size());
    Png png;
    while (bytes.size() >= frame_bytes) {
        const std::size_t count = number(bytes);
        if (count > bytes.size() - frame_bytes) return std::nullopt;
        const std::string_view checked = bytes.substr(4, count + 4);
        const auto sum = ::crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
        if (sum != number(bytes.substr(count + 8))) return std::nullopt;
        const std::string_view type = checked.substr(0, 4);
        if (type == "IEND") return png;
        if (!take_chunk(type, checked.substr(4), png)) return std::nullopt;
        bytes.remove_prefix(count + frame_bytes);
    }
    return std::nullopt;
}

std::optional<Bytes> inflated(const Png& png)
{
    Bytes rows((png.row_bytes() + 1) * png.height);
    if (!inflate(png.packed, std::as_writable_bytes(std::span(rows)))) return std::nullopt;
    return rows;
}

/// The one of its neighbours that is nearest to left + above - corner.
int paeth(int left, int above, int corner)
{
    const int guess = left + above - corner;
    const int to_left = std::abs(guess - left);
    const int to_above = std::abs(guess - above);
    const int to_corner = std::abs(guess - corner);
    if (to_left <= to_above && to_left <= to_corner) return left;
    return to_above <= to_corner ? above : corner;
}

/// Turns differences back into bytes. Each row begins with how they were made.
bool unfilter(Bytes& rows, const Png& png)
{
    const std::size_t pixel = std::max<std::size_t>(1, png.samples() * png.depth / 8);
    const std::size_t step = png.row_bytes() + 1;
    for (std::size_t row = 0; row < rows.size(); row += step) {
        if (rows[row] > 4) return false;
        for (std::size_t at = row + 1; at < row + step; ++at) {
            const bool has_left = at > row + pixel;
            const int left = has_left ? rows[at - pixel] : 0;
            const int above = row == 0 ? 0 : rows[at - step];
            const int corner = has_left && row != 0 ? rows[at - step - pixel] : 0;
            const std::array<int, 5> guesses{0, left, above, (left + above) / 2, paeth(left, above, corner)};
            rows[at] = static_cast<std::uint8_t>(rows[at] + guesses.at(rows[row]));
        }
    }
    return true;
}

/// @param row  without its filter
/// @return 0 to 255, or the index of a palette; of two bytes the first
unsigned sample(const Png& png, const std::uint8_t* row, std::size_t index)
{
    if (png.depth >= 8) return row[index * png.depth / 8];
    const std::size_t bit = index * png.depth;
    const unsigned most = (1U << png.depth) - 1;
    const unsigned value = row[bit / 8] >> (8 - png.depth - bit % 8) & most;
    return png.type == indexed ? value : value * 255 / most;
}

/// @return false where the palette has no such colour
bool append_pixel(const Png& png, const std::uint8_t* row, std::size_t x, Bytes& to)
{
    const std::size_t first = x * png.samples();
    std::array<unsigned, 3> colour{};
    unsigned alpha = 255;
    if (png.type == indexed) {
        const std::size_t index = sample(png, row, first);
        if (index * 3 + 3 > png.palette.size()) return false;
        for (std::size_t i = 0; i < 3; ++i) colour.at(i) = static_cast<unsigned char>(png.palette[index * 3 + i]);
        if (index < png.alpha.size()) alpha = static_cast<unsigned char>(png.alpha[index]);
    } else {
        const bool has_colours = png.type == rgb || png.type == rgb_alpha;
        for (std::size_t i = 0; i < 3; ++i) colour.at(i) = sample(png, row, first + (has_colours ? i : 0));
        if (png.samples() % 2 == 0) alpha = sample(png, row, first + png.samples() - 1);
    }
    for (const unsigned value : colour)
        to.push_back(static_cast<std::uint8_t>((value * alpha + 255 * (255 - alpha)) / 255));
    return true;
}

}  // namespace

std::optional<RgbImage> decode_png(std::string_view bytes)
{
    const std::optional<Png> png = read_chunks(bytes);
    if (!png || png->width == 0) return std::nullopt;
    std::optional<Bytes> rows = inflated(*png);
    if (!rows || !unfilter(*rows, *png)) return std::nullopt;
    RgbImage image{.width = png->width, .height = png->height};
    image.bytes.reserve(image.width * image.height * 3);
    for (std::size_t y = 0; y < image.height; ++y)
        for (std::size_t x = 0; x < image.width; ++x)
            if (!append_pixel(*png, &(*rows)[y * (png->row_bytes() + 1) + 1], x, image.bytes)) return std::nullopt;
    return image;
}

}  // namespace sbx::cli
