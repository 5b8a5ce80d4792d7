#include "cli/completion_list.hpp"

#include "sbx/utf8.hpp"

#include <algorithm>

namespace sbx::cli {

std::size_t count_characters(std::string_view text)
{
    const auto is_first = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; };
    return static_cast<std::size_t>(std::ranges::count_if(text, is_first));
}

std::string common_beginning(const std::vector<std::string>& words)
{
    if (words.empty()) return {};
    std::string common = words.front();
    for (const std::string& word : words) {
        const auto differs = std::ranges::mismatch(common, word).in1;
        common.erase(differs, common.end());
    }
    common.resize(common.size() - unfinished_character(common));
    return common;
}

std::string in_columns(const std::vector<std::string>& words, std::size_t width)
{
    std::size_t longest = 0;
    for (const std::string& word : words) longest = std::max(longest, count_characters(word));
    const std::size_t column = longest + 2;
    const std::size_t columns = std::max<std::size_t>(1, width / column);
    const std::size_t rows = (words.size() + columns - 1) / columns;
    std::string text;
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t i = row; i < words.size(); i += rows) {
            text += words[i];
            if (i + rows < words.size()) text.append(column - count_characters(words[i]), ' ');
        }
        text += '\n';
    }
    return text;
}

}  // namespace sbx::cli
