#include <algorithm>
#include <array>
#include <iostream>
#include <ranges>
#include <string>

constexpr auto complements = [] {
    std::array<char, 128> table{};
    constexpr std::string_view from = "ACGTBDHKMNRSVWYacgt";
    constexpr std::string_view to = "TGCAVHDMKNYSBWRTGCA";
    for (std::size_t i = 0; i < from.size(); ++i) table[from[i]] = to[i];
    return table;
}();

void write(const std::string& text)
{
    int column = 0;
    for (const char code : text | std::views::reverse | std::views::transform([](char c) { return complements[c]; })) {
        if (column == 60) {
            std::cout << '\n';
            column = 0;
        }
        std::cout << code;
        ++column;
    }
    if (column) std::cout << '\n';
}

int main()
{
    std::string text;
    for (std::string line; std::getline(std::cin, line);) {
        if (line.starts_with('>')) {
            write(text);
            text.clear();
            std::cout << line << '\n';
        } else {
            text += line;
        }
    }
    write(text);
}
