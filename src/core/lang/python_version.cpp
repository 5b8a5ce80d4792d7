#include "core/lang/python_version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <compare>
#include <optional>
#include <string>
#include <vector>

namespace sbx {
namespace {

struct Version {
    std::vector<unsigned> release;
    bool is_final = true;  ///< else an alpha, a beta, a candidate or the like: all of them count as one here
};

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

/// `3.12`, `3.13.0rc1`, `3.14.dev0`
std::optional<Version> parse_version(std::string_view text)
{
    Version version;
    const char* at = text.data();
    const char* const end = at + text.size();
    for (bool goes_on = true; goes_on;) {
        unsigned number = 0;
        const auto [rest, failed] = std::from_chars(at, end, number);
        if (failed != std::errc()) return std::nullopt;
        version.release.push_back(number);
        goes_on = end - rest > 1 && *rest == '.' && rest[1] != 'd';
        at = goes_on ? rest + 1 : rest;
    }
    const std::string_view suffix(at, static_cast<std::size_t>(end - at));
    version.is_final = suffix.empty();
    const bool is_known =
        suffix.starts_with("a") || suffix.starts_with("b") || suffix.starts_with("rc") || suffix.starts_with(".dev");
    if (version.is_final || is_known) return version;
    return std::nullopt;
}

/// 3.12 is 3.12.0.
std::strong_ordering compare(Version one, Version other)
{
    const std::size_t length = std::max(one.release.size(), other.release.size());
    one.release.resize(length);
    other.release.resize(length);
    const auto order = one.release <=> other.release;
    return std::is_eq(order) ? one.is_final <=> other.is_final : order;
}

bool begins_with(Version version, const std::vector<unsigned>& series)
{
    version.release.resize(std::max(version.release.size(), series.size()));
    return std::equal(series.begin(), series.end(), version.release.begin());
}

/// @return nothing where it is not of the form
std::optional<bool> allows(std::string_view specifier, const Version& version)
{
    const std::string_view comparison = specifier.substr(0, specifier.find_first_not_of("~=!<>"));
    std::string_view text = trimmed(specifier.substr(comparison.size()));
    const bool is_series = text.ends_with(".*");
    if (is_series) text.remove_suffix(2);
    const std::optional<Version> wanted = parse_version(text);
    if (!wanted) return std::nullopt;
    if (is_series && comparison == "==") return begins_with(version, wanted->release);
    if (is_series && comparison == "!=") return !begins_with(version, wanted->release);
    if (is_series) return std::nullopt;
    const auto order = compare(version, *wanted);
    if (comparison == "==" || comparison == "===") return std::is_eq(order);
    if (comparison == "!=") return std::is_neq(order);
    if (comparison == ">=") return std::is_gteq(order);
    if (comparison == "<=") return std::is_lteq(order);
    if (comparison == ">") return std::is_gt(order);
    if (comparison == "<") return std::is_lt(order);
    if (comparison != "~=" || wanted->release.size() < 2) return std::nullopt;
    std::vector<unsigned> series = wanted->release;  // ~=3.11.2 is >=3.11.2, ==3.11.*
    series.pop_back();
    return std::is_gteq(order) && begins_with(version, series);
}

}  // namespace

Result<bool> is_python_allowed(std::string_view specifiers, std::string_view version)
{
    const std::optional<Version> known = parse_version(version);
    if (!known) return Error(Errc::invalid_argument, fmt::format("'{}' is no version of Python", version));
    bool are_met = true;
    for (std::size_t begin = 0; begin < specifiers.size();) {
        const std::size_t end = std::min(specifiers.find(',', begin), specifiers.size());
        const std::string_view specifier = trimmed(specifiers.substr(begin, end - begin));
        begin = end + 1;
        if (specifier.empty()) continue;
        const std::optional<bool> is_met = allows(specifier, *known);
        if (!is_met)
            return Error(Errc::invalid_argument, fmt::format("requires-python: '{}' is not like >=3.11", specifier));
        are_met = are_met && *is_met;
    }
    return are_met;
}

}  // namespace sbx
