#include "sbx/quantity.hpp"

#include <fmt/format.h>
#include <boost/algorithm/string/case_conv.hpp>

#include <array>
#include <cmath>
#include <span>

namespace sbx {
namespace {

struct Unit {
    std::string_view name;
    double factor;
};

constexpr std::array durations{Unit{"ms", 1},      Unit{"s", 1e3},          Unit{"m", 60e3},
                               Unit{"h", 3'600e3}, Unit{"d", 24 * 3'600e3}, Unit{"", 1e3}};

constexpr std::array sizes{Unit{"", 1},         Unit{"b", 1},       Unit{"k", 0x1p10},   Unit{"kb", 0x1p10},
                           Unit{"kib", 0x1p10}, Unit{"m", 0x1p20},  Unit{"mb", 0x1p20},  Unit{"mib", 0x1p20},
                           Unit{"g", 0x1p30},   Unit{"gb", 0x1p30}, Unit{"gib", 0x1p30}, Unit{"t", 0x1p40},
                           Unit{"tb", 0x1p40},  Unit{"tib", 0x1p40}};

/// Above what a double or a container's setting can hold exactly.
constexpr double too_much = 0x1p53;

constexpr std::string_view digits = "0123456789";

/// Cuts an unsigned decimal number off the front of `text`; negative when there is none.
double take_number(std::string_view& text)
{
    const std::size_t whole = std::min(text.find_first_not_of(digits), text.size());
    if (whole == 0) return -1;
    double value = 0;
    for (const char digit : text.substr(0, whole)) value = value * 10 + (digit - '0');
    text.remove_prefix(whole);
    if (!text.starts_with('.')) return value;
    text.remove_prefix(1);
    double weight = 0.1;
    for (; !text.empty() && digits.find(text.front()) != std::string_view::npos; text.remove_prefix(1), weight /= 10)
        value += (text.front() - '0') * weight;
    return value;
}

double take_amount(std::string_view& text, std::span<const Unit> units)
{
    const double number = take_number(text);
    const std::string_view name = text.substr(0, text.find_first_of(digits));
    for (const Unit& unit : units) {
        if (number < 0 || unit.name != name) continue;
        text.remove_prefix(name.size());
        return number * unit.factor;
    }
    return -1;
}

Error refused(std::string_view name, std::string_view text, std::string_view what, std::string_view examples)
{
    return Error(Errc::invalid_argument, fmt::format("{}: '{}' is not {}", name, text, what),
                 fmt::format("write it like {}", examples));
}

template <std::size_t N>
std::string shortest(std::uint64_t amount, const std::array<Unit, N>& units)
{
    for (const Unit& unit : units) {
        const auto factor = static_cast<std::uint64_t>(unit.factor);
        if (amount % factor == 0) return fmt::format("{}{}", amount / factor, unit.name);
    }
    return fmt::format("{}", amount);
}

}  // namespace

Result<std::optional<std::chrono::milliseconds>> parse_duration(std::string_view name, std::string_view text)
{
    using Duration = std::optional<std::chrono::milliseconds>;
    if (text == "none") return Duration();
    double total = 0;
    bool valid = !text.empty();
    for (std::string_view rest = text; valid && !rest.empty();) {
        const double amount = take_amount(rest, durations);
        valid = amount >= 0;
        total += amount;
    }
    total = std::round(total);
    if (!valid || total < 1 || total >= too_much)
        return refused(name, text, "a duration above zero", "500ms, 30s, 5m or none");
    return Duration(std::chrono::milliseconds(static_cast<std::int64_t>(total)));
}

Result<std::optional<std::uint64_t>> parse_size(std::string_view name, std::string_view text)
{
    using Size = std::optional<std::uint64_t>;
    if (text == "none") return Size();
    const std::string lower = boost::algorithm::to_lower_copy(std::string(text));
    std::string_view rest = lower;
    const double bytes = std::round(take_amount(rest, sizes));
    if (!rest.empty() || bytes < 1 || bytes >= too_much)
        return refused(name, text, "a size above zero", "512k, 256m or 2g");
    return Size(static_cast<std::uint64_t>(bytes));
}

Result<std::uint32_t> parse_cpus(std::string_view name, std::string_view text)
{
    constexpr double most_cores = 4096;
    std::string_view rest = text;
    const double cores = take_number(rest);
    if (!rest.empty() || cores < 0.01 || cores > most_cores)
        return refused(name, text, "a number of cores from 0.01 up", "0.5, 1 or 2");
    return static_cast<std::uint32_t>(std::lround(cores * 1000));
}

Result<std::uint32_t> parse_count(std::string_view name, std::string_view text, std::uint32_t most)
{
    std::string_view rest = text;
    const double count = text.find('.') == std::string_view::npos ? take_number(rest) : -1;
    if (!rest.empty() || count < 1 || count > most)
        return refused(name, text, fmt::format("a whole number from 1 to {}", most), "128");
    return static_cast<std::uint32_t>(count);
}

std::string format_duration(std::optional<std::chrono::milliseconds> duration)
{
    if (!duration) return "none";
    constexpr std::array units{Unit{"h", 3'600e3}, Unit{"m", 60e3}, Unit{"s", 1e3}, Unit{"ms", 1}};
    return shortest(static_cast<std::uint64_t>(duration->count()), units);
}

std::string format_size(std::optional<std::uint64_t> bytes)
{
    if (!bytes) return "none";
    constexpr std::array units{Unit{"g", 0x1p30}, Unit{"m", 0x1p20}, Unit{"k", 0x1p10}};
    return shortest(*bytes, units);
}

std::string format_cpus(std::uint32_t millicpus)
{
    return fmt::format("{}", static_cast<double>(millicpus) / 1000);
}

std::string human_size(std::uint64_t bytes)
{
    constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
    double amount = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; amount >= 1024 && unit + 1 < units.size(); ++unit) amount /= 1024;
    const bool whole = std::abs(amount - std::round(amount)) < 0.05;
    return whole ? fmt::format("{:.0f} {}", amount, units.at(unit)) : fmt::format("{:.1f} {}", amount, units.at(unit));
}

}  // namespace sbx
