#include "core/lang/requirement.hpp"

#include "core/lang/package_index.hpp"

#include <fmt/format.h>
#include <boost/algorithm/string/trim.hpp>

#include <algorithm>
#include <array>

namespace sbx {
namespace {

using boost::algorithm::trim_copy;

constexpr std::size_t longest = 1024;
constexpr std::size_t most = 512;

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_alnum(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// A text that is taken apart from its beginning.
class Scanner {
   public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    void skip_spaces()
    {
        take([](char c) { return c == ' ' || c == '\t'; });
    }

    bool skip(std::string_view word)
    {
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }

    /// Letters and digits, and `also` between them.
    std::string_view take_name(std::string_view also)
    {
        const std::string_view name =
            take([&](char c) { return is_alnum(c) || also.find(c) != std::string_view::npos; });
        return !name.empty() && is_alnum(name.front()) && is_alnum(name.back()) ? name : std::string_view();
    }

    template <class Belongs>
    std::string_view take(Belongs belongs)
    {
        const auto end = std::ranges::find_if_not(rest_, belongs);
        const std::string_view taken(rest_.begin(), end);
        rest_.remove_prefix(taken.size());
        return taken;
    }

    std::string_view rest() const { return rest_; }

   private:
    std::string_view rest_;
};

/// `[a,b]`, or nothing.
bool skip_extras(Scanner& text)
{
    if (!text.skip("[")) return true;
    do {
        text.skip_spaces();
        if (text.take_name("._-").empty()) return false;
        text.skip_spaces();
    } while (text.skip(","));
    return text.skip("]");
}

bool skip_operator(Scanner& text)
{
    constexpr std::array<std::string_view, 8> operators{"===", "==", "!=", "<=", ">=", "~=", "<", ">"};
    return std::ranges::any_of(operators, [&](std::string_view each) { return text.skip(each); });
}

/// `>=1,<2`, or nothing.
bool skip_versions(Scanner& text)
{
    const bool in_brackets = text.skip("(");
    text.skip_spaces();
    while (skip_operator(text)) {
        text.skip_spaces();
        const auto version = text.take(
            [](char c) { return is_alnum(c) || std::string_view(".*+!_-").find(c) != std::string_view::npos; });
        if (version.empty()) return false;
        text.skip_spaces();
        if (!text.skip(",")) break;
        text.skip_spaces();
    }
    return !in_brackets || text.skip(")");
}

/// `; python_version < '3.11'`, or nothing.
bool skip_marker(Scanner& text)
{
    if (!text.skip(";")) return true;
    constexpr std::string_view of_markers = " ._-'\"<>=!~()";
    const auto marker = text.take([&](char c) { return is_alnum(c) || of_markers.find(c) != std::string_view::npos; });
    return !trim_copy(std::string(marker)).empty();
}

bool skip_hashes(Scanner& text)
{
    while (text.skip("--hash=sha256:")) {
        constexpr std::size_t digits = 64;
        if (text.take(is_alnum).size() != digits) return false;
        text.skip_spaces();
    }
    return text.at_end();
}

bool all_of(std::string_view text, std::string_view also)
{
    return !text.empty() &&
           std::ranges::all_of(text, [&](char c) { return is_alnum(c) || also.find(c) != std::string_view::npos; });
}

/// A version or a range of versions behind a mark, or nothing.
bool is_range(std::string_view behind, char mark = '@', std::string_view also = ".^~<>=*| +-,")
{
    return behind.empty() || (behind.front() == mark && all_of(behind.substr(1), also));
}

}  // namespace

bool is_python_requirement(std::string_view text)
{
    Scanner scanner(text);
    if (scanner.take_name("._-").empty()) return false;
    scanner.skip_spaces();
    if (!skip_extras(scanner)) return false;
    scanner.skip_spaces();
    if (!skip_versions(scanner)) return false;
    scanner.skip_spaces();
    // A marker may hold what a hash begins with.
    const std::size_t hashes = scanner.rest().find(" --hash=");
    if (hashes == std::string_view::npos) return skip_marker(scanner) && skip_hashes(scanner);
    Scanner marker(scanner.rest().substr(0, hashes));
    Scanner behind(scanner.rest().substr(hashes + 1));
    return skip_marker(marker) && marker.at_end() && skip_hashes(behind);
}

bool is_npm_requirement(std::string_view text)
{
    Scanner scanner(text);
    if (scanner.skip("@")) {
        if (scanner.take_name("._~-").empty() || !scanner.skip("/")) return false;
    }
    return !scanner.take_name("._~-").empty() && is_range(scanner.rest());
}

bool is_go_requirement(std::string_view text)
{
    Scanner scanner(text);
    const std::string_view host = scanner.take_name(".-");
    if (host.find('.') == std::string_view::npos) return false;
    while (scanner.skip("/"))
        if (scanner.take_name("._~-").empty()) return false;
    return scanner.at_end() || (scanner.skip("@") && all_of(scanner.rest(), ".+-") && is_alnum(scanner.rest().front()));
}

bool is_crate_requirement(std::string_view text)
{
    Scanner scanner(text);
    return !scanner.take_name("_-").empty() && skip_extras(scanner) && is_range(scanner.rest());
}

bool is_gem_requirement(std::string_view text)
{
    Scanner scanner(text);
    return !scanner.take_name("._-").empty() && is_range(scanner.rest());
}

bool is_cran_requirement(std::string_view text)
{
    Scanner scanner(text);
    return !scanner.take_name(".").empty() && scanner.at_end();
}

bool is_composer_requirement(std::string_view text)
{
    Scanner scanner(text);
    if (scanner.take_name("._-").empty() || !scanner.skip("/")) return false;
    return !scanner.take_name("._-").empty() && is_range(scanner.rest(), ':', ".^~<>=*| +-,@");
}

bool is_cpan_requirement(std::string_view text)
{
    Scanner scanner(text);
    do {
        if (scanner.take_name("_").empty()) return false;
    } while (scanner.skip("::"));
    return is_range(scanner.rest(), '@', "._") || is_range(scanner.rest(), '~', "._<>=! ,");
}

bool is_rock_requirement(std::string_view text)
{
    Scanner scanner(text);
    if (scanner.take_name("._-").empty()) return false;
    if (scanner.skip("/") && scanner.take_name("._-").empty()) return false;
    return is_range(scanner.rest());
}

Result<std::vector<std::string>> sound_requirements(const PackageIndex& index, std::vector<std::string> texts,
                                                    std::string_view origin)
{
    if (texts.size() > most)
        return Error(Errc::invalid_argument, fmt::format("{}: more than {} libraries", origin, most));
    for (std::string& text : texts) {
        boost::algorithm::trim(text);
        if (text.empty() || text.size() > longest || !index.is_requirement(text))
            return Error(Errc::invalid_argument,
                         fmt::format("{}: {:?} is not a library of {} with its version", origin, text, index.name),
                         fmt::format("like {}", index.example));
    }
    std::ranges::sort(texts);
    const auto repeated = std::ranges::unique(texts);
    texts.erase(repeated.begin(), repeated.end());
    return texts;
}

Result<std::vector<std::string>> requirement_lines(std::string_view text, std::string_view name)
{
    std::vector<std::string> lines;
    std::string line;
    for (std::size_t number = 1, begin = 0; begin < text.size(); ++number) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string part(text.substr(begin, end - begin));
        begin = end + 1;
        if (part.starts_with('#')) part.clear();
        part = trim_copy(part.substr(0, part.find(" #")));
        const bool goes_on = part.ends_with('\\');
        if (goes_on) part.pop_back();
        line += part;
        if (goes_on) continue;
        line = trim_copy(line);
        if (line.starts_with('-'))
            return Error(Errc::invalid_argument,
                         fmt::format("{}:{}: {:?} is an option, which is not taken", name, number, line),
                         "list libraries only; an index is a setting: sbx config set index.python URL");
        if (!line.empty()) lines.push_back(line);
        line.clear();
    }
    if (!trim_copy(line).empty()) lines.push_back(trim_copy(line));
    return lines;
}

}  // namespace sbx
