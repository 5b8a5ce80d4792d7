#include <iostream>
#include <iterator>
#include <regex>
#include <string>

constexpr auto flags = std::regex::ECMAScript | std::regex::multiline;

int main()
{
    const std::string text(std::istreambuf_iterator<char>(std::cin), {});
    for (const char* pattern :
         {"agg[act]aa", "ga(tt|cc)a", "[B-Y]{2}", "a{5,}", "(ct){3}", "g[BDK]t|t[VWY]g", "^[acgt]+$"}) {
        const std::regex regex(pattern, flags);
        std::cout << pattern << ' ' << std::distance(std::sregex_iterator(text.begin(), text.end(), regex), {}) << '\n';
    }
    const std::string bare = std::regex_replace(text, std::regex(">.*\n|\n"), "");
    const std::string marked = std::regex_replace(bare, std::regex("[B-Y]+"), "<$&>");
    std::cout << text.size() << ' ' << bare.size() << ' ' << marked.size() << '\n';
}
