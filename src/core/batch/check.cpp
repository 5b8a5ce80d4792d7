#include "core/batch/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sbx::batch {
namespace {

constexpr std::string_view white_space = " \t\r\n\v\f";
constexpr std::size_t most_shown = 40;

/// The beginning of a text in quotes, on one line.
std::string shown(std::string_view text)
{
    std::string quoted = "'";
    for (const char c : text.substr(0, most_shown)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n')
            quoted += "\\n";
        else if (byte < 0x20 || byte >= 0x7f)
            quoted += fmt::format("\\x{:02x}", byte);
        else
            quoted += c;
    }
    return quoted + (text.size() > most_shown ? "…'" : "'");
}

std::string differ(std::string_view where, std::size_t number, std::string_view expected, std::string_view actual)
{
    return fmt::format("{} {}: expected {}, got {}", where, number, expected, actual);
}

std::string_view line_at(std::string_view text, std::size_t begin)
{
    return text.substr(begin, text.find('\n', begin) - begin);
}

std::optional<std::string> differ_in_bytes(std::string_view expected, std::string_view actual)
{
    if (expected == actual) return std::nullopt;
    const auto at = static_cast<std::size_t>(std::ranges::mismatch(expected, actual).in1 - expected.begin());
    const auto before = expected.substr(0, at);
    const std::size_t begin = before.rfind('\n') + 1;  // 0 where there is none
    const auto number = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1;
    if (at == actual.size() && at == begin) return differ("line", number, shown(line_at(expected, begin)), "the end");
    if (at == expected.size() && at == begin) return differ("line", number, "the end", shown(line_at(actual, begin)));
    const std::string_view wanted = line_at(expected, begin);
    const std::string_view got = line_at(actual, begin);
    if (wanted == got)
        return fmt::format("line {}: {}", number,
                           at == actual.size() ? "the line break at its end is missing" : "a line break too many");
    // Of long lines what is around the difference.
    const std::size_t skip = at - begin > most_shown / 2 ? at - begin - most_shown / 2 : 0;
    const std::string place = skip == 0 ? "" : fmt::format(", column {}", skip + 1);
    return fmt::format("line {}{}: expected {}, got {}", number, place, shown(wanted.substr(skip)),
                       shown(got.substr(std::min(skip, got.size()))));
}

/// Cuts the next word off; empty at the end.
std::string_view take_word(std::string_view& text)
{
    text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(white_space));
    text.remove_prefix(word.size());
    return word;
}

std::optional<double> number_in(std::string_view word)
{
    if (word.starts_with('+')) word.remove_prefix(1);
    double value = 0;
    const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (failed != std::errc() || end != word.data() + word.size()) return std::nullopt;
    return value;
}

bool are_close(std::string_view expected, std::string_view actual, double tolerance)
{
    const auto wanted = number_in(expected);
    const auto got = number_in(actual);
    if (!wanted || !got) return false;
    if (std::isnan(*wanted) || std::isnan(*got)) return std::isnan(*wanted) && std::isnan(*got);
    if (std::isinf(*wanted) || std::isinf(*got)) return *wanted == *got;
    return std::abs(*wanted - *got) <= tolerance * std::max(1.0, std::abs(*wanted));
}

std::optional<std::string> differ_in_words(const Check& check, std::string_view expected, std::string_view actual)
{
    for (std::size_t number = 1;; ++number) {
        const std::string_view wanted = take_word(expected);
        const std::string_view got = take_word(actual);
        if (wanted.empty() && got.empty()) return std::nullopt;
        const bool same =
            wanted == got || (check.kind == Check::Kind::floats && are_close(wanted, got, check.tolerance));
        if (same) continue;
        const auto word = [](std::string_view text) { return text.empty() ? "the end" : shown(text); };
        return differ("word", number, word(wanted), word(got));
    }
}

}  // namespace

Result<Check> parse_check(std::string_view text)
{
    const auto refused = [&](std::string_view why) {
        return Error(Errc::invalid_argument, fmt::format("check: '{}' {}", text, why),
                     "it is exact, tokens, floats, floats:1e-9 or program:FILE");
    };
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    const std::string_view value = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    Check check;
    if (name == "program" && !value.empty()) {
        check.program.emplace().file = value;
        return check;
    }
    if (name == "floats") {
        check.kind = Check::Kind::floats;
        if (colon == std::string_view::npos) return check;
        const auto tolerance = number_in(value);
        if (!tolerance || !std::isfinite(*tolerance) || *tolerance < 0) return refused("has no tolerance");
        check.tolerance = *tolerance;
        return check;
    }
    if (text == "tokens") check.kind = Check::Kind::tokens;
    if (text != "tokens" && text != "exact") return refused("is no check");
    return check;
}

std::optional<std::string> difference(const Check& check, std::string_view expected, std::string_view actual)
{
    return check.kind == Check::Kind::exact ? differ_in_bytes(expected, actual)
                                            : differ_in_words(check, expected, actual);
}

}  // namespace sbx::batch
