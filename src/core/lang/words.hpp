#pragma once

#include <string_view>
#include <vector>

namespace sbx {

/// The words of a list in a Language.
inline std::vector<std::string_view> words(std::string_view list)
{
    std::vector<std::string_view> found;
    while (!list.empty()) {
        const std::size_t space = list.find(' ');
        found.push_back(list.substr(0, space));
        list.remove_prefix(space == std::string_view::npos ? list.size() : space + 1);
    }
    return found;
}

}  // namespace sbx
