#include "cli/sixel.hpp"

#include "catch.hpp"
#include "cli/device_attributes.hpp"
#include "cli/inline_pictures.hpp"
#include "cli/png_image.hpp"
#include "core/wire/base64.hpp"

#include <algorithm>
#include <string>

using namespace sbx::cli;

namespace {

std::string decoded(std::string_view base64)
{
    std::string bytes;
    sbx::wire::from_base64(base64, bytes);
    return bytes;
}

// Two pixels: red, and a transparent one.
const std::string transparent =
    decoded("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAEUlEQVR4nGP4z8Dwn5OTkwEADU0CGjapEF0AAAAASUVORK5CYII=");
// Three by two pixels of a palette: red, green, blue; blue, green, red.
const std::string with_palette = decoded(
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACAgMAAADgGo6JAAAACVBMVEX/AAAA/"
    "wAAAP8tSs2KAAAADElEQVR4nGOQYJgAAADcAKls58AjAAAAAElFTkSu"
    "QmCC");
// One by two pixels of 16 bits of grey: the first half, the second all of it.
const std::string grey =
    decoded("iVBORw0KGgoAAAANSUhEUgAAAAEAAAACEAAAAADsejW4AAAADklEQVR4nGNoYGD4/x8ABYMCf4qPdpAAAAAASUVORK5CYII=");
// Three by five pixels, each row filtered in another way.
const std::string filtered = decoded(
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAAFCAIAAAAPE8H1AAAAN0lEQVR4nGNgOMGqcYI14AQrI9c0Vg0GVSBi4jrHwHVOleucF7MIA7Pkcy/"
    "J57EsIDEGVS4GLwAkQws5EevuUAAAAABJRU5ErkJggg==");
// 65535 by 65535 pixels, it says.
const std::string huge =
    decoded("iVBORw0KGgoAAAANSUhEUgAA//8AAP//CAIAAAA5Z04HAAAACElEQVR4nAMAAAAAAUgGidIAAAAASUVORK5CYII=");

}  // namespace

TEST_CASE("a PNG is decoded, on white")
{
    CHECK(decode_png(transparent) == RgbImage{2, 1, {255, 0, 0, 255, 255, 255}});
    CHECK(decode_png(grey) == RgbImage{1, 2, {128, 128, 128, 255, 255, 255}});
    CHECK(decode_png(with_palette) ==
          RgbImage{3, 2, {255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 255, 0, 255, 0, 255, 0, 0}});
}

TEST_CASE("rows of a PNG are decoded whatever they were filtered with")
{
    RgbImage expected{3, 5, {}};
    for (unsigned y = 0; y < 5; ++y)
        for (unsigned x = 0; x < 3; ++x)
            for (const unsigned value : {x * 40 + y * 10, 200 - y * 50, x * y * 37 + 5})
                expected.bytes.push_back(std::uint8_t(value));
    CHECK(decode_png(filtered) == expected);
}

TEST_CASE("what is no PNG, is broken, or is too large, is not decoded")
{
    for (std::size_t size = 0; size < with_palette.size() - 12; ++size)
        CHECK_FALSE(decode_png(std::string_view(with_palette).substr(0, size)));
    std::string damaged = with_palette;
    damaged[damaged.size() - 20] ^= 1;
    CHECK_FALSE(decode_png(damaged));
    CHECK_FALSE(decode_png("GIF89a"));
    CHECK_FALSE(decode_png(huge));
}

TEST_CASE("a large image is made smaller by a whole factor")
{
    const RgbImage image{3, 2, {10, 0, 0, 20, 0, 0, 30, 0, 0, 10, 0, 0, 20, 0, 0, 50, 0, 0}};
    CHECK(shrunk(image, 3) == image);
    CHECK(shrunk(image, 2) == RgbImage{2, 1, {15, 0, 0, 40, 0, 0}});
    CHECK(shrunk(image, 1) == RgbImage{1, 1, {23, 0, 0}});
}

TEST_CASE("sixel has bands of six rows, a line for each colour, and counts what repeats")
{
    CHECK(draw_as_sixel({2, 1, {255, 0, 0, 0, 0, 255}}) == "\x1bPq\"1;1;2;1#0;2;100;0;0#1;2;0;0;100#0@?$#1?@$-\x1b\\");
    const std::string drawn = draw_as_sixel({5, 7, std::vector<std::uint8_t>(5 * 7 * 3, 0)});
    CHECK(drawn == "\x1bPq\"1;1;5;7#0;2;0;0;0#0!5~$-#0!5@$-\x1b\\");
}

TEST_CASE("an image of many colours is drawn in at most 256")
{
    RgbImage image{64, 64, {}};
    for (unsigned i = 0; i < 64 * 64; ++i)
        for (const unsigned value : {i % 64 * 4, i / 64 * 4, i % 251}) image.bytes.push_back(std::uint8_t(value));
    const std::string drawn = draw_as_sixel(image);
    std::size_t colours = 0;
    for (std::size_t at = drawn.find(";2;"); at != std::string::npos; at = drawn.find(";2;", at + 1)) ++colours;
    CHECK(colours > 100);
    CHECK(colours <= 256);
}

TEST_CASE("a picture that cannot be drawn as sixel is not drawn")
{
    CHECK(drawing_of(PictureProtocol::sixel, "image/png", transparent)->starts_with("\x1bPq\"1;1;2;1"));
    CHECK_FALSE(drawing_of(PictureProtocol::sixel, "image/png", huge));
    CHECK_FALSE(drawing_of(PictureProtocol::sixel, "image/jpeg", transparent));
    CHECK_FALSE(drawing_of(PictureProtocol::unknown, "image/png", transparent));
}

TEST_CASE("a terminal's attributes are found among keys, and 4 is sixel unless it is the class")
{
    const auto found = find_device_attributes("ab\x1b[?62;4;22cd");
    REQUIRE(found);
    CHECK(found->begin == 2);
    CHECK(found->count == 11);
    CHECK(found->sixel);
    CHECK(find_device_attributes("\x1b[?1;4c")->sixel);
    CHECK_FALSE(find_device_attributes("\x1b[?4;1c")->sixel);
    CHECK_FALSE(find_device_attributes("\x1b[?62;14;24;40c")->sixel);
    CHECK_FALSE(find_device_attributes("\x1b[?6c")->sixel);
    CHECK(find_device_attributes("\x1b[?25h\x1b[?62;4c")->begin == 6);
    CHECK_FALSE(find_device_attributes("\x1b[?62;4"));
    CHECK_FALSE(find_device_attributes("\x1b[A"));
}
