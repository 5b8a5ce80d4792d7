#include "sbx/own_image.hpp"

#include "catch.hpp"
#include "sbx/language.hpp"

#include <algorithm>

using sbx::Errc;
using sbx::OwnImage;

TEST_CASE("every language has an image of ours, and every image of ours a language and a Dockerfile")
{
    const std::vector<OwnImage> all = sbx::own_images();
    CHECK(all.size() == sbx::languages().size() + sbx::richer_images().size());
    for (const OwnImage& image : all) {
        CAPTURE(image.name);
        CHECK(sbx::find_language(image.language));
        CHECK(std::ranges::count(all, image.name, &OwnImage::name) == 1);
        const std::vector<sbx::ImageFile> files = sbx::image_files(image.name);
        const auto file = std::ranges::find(files, "Dockerfile", &sbx::ImageFile::name);
        REQUIRE(file != files.end());
        CHECK(file->content.find("FROM debian:bookworm-slim") != std::string::npos);
    }
    for (const OwnImage& image : sbx::richer_images()) CHECK_FALSE(sbx::find_language(image.name));
}

TEST_CASE("an image of ours is found by its name or by any name of its language")
{
    const auto [typed, expected] = GENERATE(table<std::string, OwnImage>({
        {"python", {"python", "python"}},
        {"PY", {"python", "python"}},
        {"c++", {"cpp", "cpp"}},
        {"python-data", {"python-data", "python"}},
        {"librechat", {"librechat", "python"}},
    }));
    const auto found = sbx::find_own_image(typed);
    REQUIRE(found);
    CHECK(*found == expected);
}

TEST_CASE("a mistyped image gets the nearest name")
{
    const auto [typed, hint] = GENERATE(table<std::string, std::string>({
        {"python-dta", "did you mean python-data?"},
        {"pyton", "did you mean python?"},
        {"malbolge", "sbx lang ls"},
    }));
    const auto found = sbx::find_own_image(typed);
    REQUIRE_FALSE(found);
    CHECK(found.error() == sbx::Error(Errc::not_found, "no image of ours is called " + typed, hint));
}
