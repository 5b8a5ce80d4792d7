#include "cli/sixel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <span>
#include <vector>

namespace sbx::cli {
namespace {

constexpr std::size_t band_rows = 6;
constexpr std::size_t most_colours = 256;
// How many values a channel may keep. The first with few enough colours is taken, as the last, a cube of 216, has.
constexpr std::array<unsigned, 6> level_counts{256, 64, 32, 16, 8, 6};

using Colour = std::array<unsigned, 3>;

/// An image of few colours.
struct Indexed {
    std::vector<Colour> palette;  ///< in percent, as sixel has it
    std::vector<std::uint8_t> pixels;
};

Colour levels_of(std::span<const std::uint8_t, 3> pixel, unsigned count)
{
    Colour levels;
    std::ranges::transform(pixel, levels.begin(), [&](unsigned value) { return (value * (count - 1) + 127) / 255; });
    return levels;
}

/// @return nothing in it where there are more colours than may be
Indexed with_levels(const RgbImage& image, unsigned count)
{
    Indexed indexed;
    std::map<Colour, std::uint8_t> known;
    for (std::size_t at = 0; at < image.bytes.size(); at += 3) {
        const Colour levels = levels_of(std::span(image.bytes).subspan(at).first<3>(), count);
        const auto [entry, is_new] = known.try_emplace(levels, static_cast<std::uint8_t>(known.size()));
        if (known.size() > most_colours) return {};
        indexed.pixels.push_back(entry->second);
        if (!is_new) continue;
        Colour& colour = indexed.palette.emplace_back();
        std::ranges::transform(levels, colour.begin(), [&](unsigned level) { return level * 100 / (count - 1); });
    }
    return indexed;
}

Indexed reduced(const RgbImage& image)
{
    Indexed indexed;
    for (auto count = level_counts.begin(); indexed.pixels.empty() && count != level_counts.end(); ++count)
        indexed = with_levels(image, *count);
    return indexed;
}

/// `!9~` for nine of a character, where that is shorter.
void append_run(std::string& text, char sixel, std::size_t count)
{
    if (count < 4)
        text.append(count, sixel);
    else
        fmt::format_to(std::back_inserter(text), "!{}{}", count, sixel);
}

/// @param columns  bit n of each is its pixel in row n of the band
void append_colour(std::string& text, std::size_t colour, const std::vector<std::uint8_t>& columns)
{
    fmt::format_to(std::back_inserter(text), "#{}", colour);
    for (auto at = columns.begin(); at != columns.end();) {
        const auto end = std::find_if(at, columns.end(), [&](std::uint8_t bits) { return bits != *at; });
        append_run(text, static_cast<char>('?' + *at), static_cast<std::size_t>(end - at));
        at = end;
    }
    text += '$';
}

/// @param pixels  of at most six rows
void append_band(std::string& text, std::span<const std::uint8_t> pixels, std::size_t width)
{
    std::map<std::uint8_t, std::vector<std::uint8_t>> colours;
    for (std::size_t at = 0; at < pixels.size(); ++at) {
        std::vector<std::uint8_t>& columns = colours[pixels[at]];
        columns.resize(width);
        columns[at % width] |= static_cast<std::uint8_t>(1U << (at / width));
    }
    for (const auto& [colour, columns] : colours) append_colour(text, colour, columns);
    text += '-';
}

}  // namespace

std::string draw_as_sixel(const RgbImage& image)
{
    const Indexed indexed = reduced(image);
    std::string text = fmt::format("\x1bPq\"1;1;{};{}", image.width, image.height);
    for (std::size_t i = 0; i < indexed.palette.size(); ++i)
        text += fmt::format("#{};2;{}", i, fmt::join(indexed.palette[i], ";"));
    const std::size_t band = band_rows * image.width;
    for (std::size_t at = 0; at < indexed.pixels.size(); at += band) {
        const std::size_t count = std::min(band, indexed.pixels.size() - at);
        append_band(text, std::span(indexed.pixels).subspan(at, count), image.width);
    }
    return text + "\x1b\\";
}

}  // namespace sbx::cli
