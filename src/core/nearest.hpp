#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sbx {

/// The candidate that `word` is most likely a slip of: at most two edits away (one for words of up to three
/// letters; swapped neighbours are one edit). Empty when none is that near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

/// "did you mean X?", or `otherwise` when nothing is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates,
                         std::string_view otherwise);

}  // namespace sbx
