#pragma once

#include "cli/open_engine.hpp"
#include "core/lang/image_choice.hpp"

#include <chrono>
#include <filesystem>

namespace sbx::cli {

/// Where the image of a run comes from.
struct ImageWish {
    ImagePreference preference;
    std::filesystem::path dockerfile;  ///< of a template, whose folder is what it is built of; empty: none
    std::chrono::milliseconds timeout{0};
};

/// The image for a language: what the Dockerfile builds, which is kept for as long as its folder stays the same, or
/// else what choose_image gives.
/// @error invalid_argument  the folder is too large, or cannot be read
asio::awaitable<Result<ChosenImage>> find_image(const OpenEngine& open, const Language& language, ImageWish wish,
                                                ProgressSink progress);

}  // namespace sbx::cli
