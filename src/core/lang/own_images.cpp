#include "sbx/own_image.hpp"

#include "core/nearest.hpp"
#include "sbx/language.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sbx {
namespace {

constexpr std::array richer{
    OwnImage{.name = "python-data", .language = "python"},
    OwnImage{.name = "librechat", .language = "python"},
};

}  // namespace

std::vector<OwnImage> own_images()
{
    std::vector<OwnImage> all;
    for (const Language& language : languages()) {
        all.push_back({.name = language.name, .language = language.name});
        std::ranges::copy_if(richer, std::back_inserter(all),
                             [&](const OwnImage& image) { return image.language == language.name; });
    }
    return all;
}

std::span<const OwnImage> richer_images()
{
    return richer;
}

const OwnImage* find_richer_image(std::string_view name)
{
    const auto* found = std::ranges::find(richer, name, &OwnImage::name);
    return found == richer.end() ? nullptr : found;
}

Result<OwnImage> find_own_image(std::string_view name)
{
    if (const OwnImage* found = find_richer_image(name)) return *found;
    const Result<const Language*> language = find_language(name);
    if (language) return OwnImage{.name = (*language)->name, .language = (*language)->name};
    std::vector<std::string_view> known;
    for (const OwnImage& image : richer) known.push_back(image.name);
    return Error(Errc::not_found, fmt::format("no image of ours is called {}", name),
                 did_you_mean(name, known, language.error().hint));
}

}  // namespace sbx
