#include <algorithm>
#include <cctype>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

using Counts = std::unordered_map<std::string_view, int>;

Counts counts(std::string_view text, std::size_t length)
{
    Counts found;
    for (std::size_t i = 0; i + length <= text.size(); ++i) ++found[text.substr(i, length)];
    return found;
}

int main()
{
    std::string text;
    std::string line;
    while (std::getline(std::cin, line) && !line.starts_with(">THREE")) {
    }
    while (std::getline(std::cin, line)) text += line;
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });

    for (const std::size_t length : {1, 2}) {
        const Counts found = counts(text, length);
        std::vector<std::pair<std::string_view, int>> sorted(found.begin(), found.end());
        std::ranges::sort(sorted, {}, [](const auto& each) { return std::pair(-each.second, each.first); });
        for (const auto& [word, count] : sorted) {
            std::printf("%.*s %.3f\n", int(length), word.data(), 100.0 * count / (text.size() - length + 1));
        }
        std::puts("");
    }
    for (const std::string_view word : {"GAT", "GATT", "GATTA", "GATTACA"}) {
        std::printf("%d %s\n", counts(text, word.size())[word], word.data());
    }
}
