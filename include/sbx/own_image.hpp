#pragma once

#include "sbx/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sbx {

/// An image of ours: the folder images/NAME, built as `sbx/NAME:VERSION`. Every language has one by its own name.
struct OwnImage {
    std::string_view name;
    std::string_view language;  ///< whose programs it is for

    bool operator==(const OwnImage&) const = default;
};

/// All of them, language by language; the one by a language's own name comes first.
std::vector<OwnImage> own_images();

/// Those that hold more than their language needs (src/core/lang/own_images.cpp). Such a name is a template as well,
/// and names the image wherever a reference can stand.
std::span<const OwnImage> richer_images();

/// @return nothing for the image of a language, or for any other
const OwnImage* find_richer_image(std::string_view name);

/// By the image's name, or by any name of a language.
/// @error not_found  with the nearest name as hint
Result<OwnImage> find_own_image(std::string_view name);

struct ImageFile {
    std::string_view name;
    std::string content;
};

/// The Dockerfile of one of them and what it copies, as they were when sbx was built.
std::vector<ImageFile> image_files(std::string_view image);

/// Tag of the images that belong to this sbx.
std::string_view image_version();

/// `sbx/<name>:<version>`
std::string local_image(std::string_view name);

}  // namespace sbx
