#pragma once

#include "sbx/engine.hpp"
#include "sbx/language.hpp"

#include <string>
#include <vector>

namespace sbx {

/// What the settings say about images.
struct ImagePreference {
    std::string configured;  ///< the image to use, whatever the language's are; empty: none
    std::string registry;    ///< prefix such as `registry.example.org/sbx`; empty: none
    PullPolicy pull = PullPolicy::missing;
};

struct ImageCandidate {
    std::string reference;
    PullPolicy pull = PullPolicy::missing;

    bool operator==(const ImageCandidate&) const = default;
};

/// The images to try for a language, best first: the configured one alone; else ours if it is local, the one of the
/// configured registry, the official one. A richer one of ours has no official one, and no other stands in for it.
std::vector<ImageCandidate> image_candidates(const Language& language, const ImagePreference& preference);

struct ChosenImage {
    std::string reference;
    ImageInfo info;
};

/// The first candidate that can be had.
/// @param engine  must outlive the call
/// @error image_unavailable  none; the hint is `sbx image build <name>`
/// @error what Engine::prepare gives for any other failure
asio::awaitable<Result<ChosenImage>> choose_image(Engine& engine, const Language& language, ImagePreference preference,
                                                  ProgressSink progress);

}  // namespace sbx
