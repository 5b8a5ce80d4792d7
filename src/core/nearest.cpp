#include "core/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace sbx {
namespace {

/// Optimal string alignment distance.
std::size_t edits_between(std::string_view a, std::string_view b)
{
    std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    }
    return cost[a.size()][b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates)
{
    constexpr std::size_t longest_word = 64;
    if (word.size() > longest_word) return {};
    std::string_view best;
    std::size_t fewest = word.size() <= 3 ? 2 : 3;
    for (const std::string_view candidate : candidates) {
        const std::size_t edits = edits_between(word, candidate);
        if (edits < fewest && edits < candidate.size()) {
            fewest = edits;
            best = candidate;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates,
                         std::string_view otherwise)
{
    const std::string_view candidate = nearest(word, candidates);
    return candidate.empty() ? std::string(otherwise) : fmt::format("did you mean {}?", candidate);
}

}  // namespace sbx
