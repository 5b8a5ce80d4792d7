#include "daemon/api/byte_range.hpp"

#include <algorithm>
#include <charconv>

namespace sbx::daemon {
namespace {

std::optional<std::uint64_t> number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::optional<ByteRange> parse_byte_range(std::string_view header, std::uint64_t size)
{
    constexpr std::string_view unit = "bytes=";
    if (!header.starts_with(unit)) return std::nullopt;
    header.remove_prefix(unit.size());
    const std::size_t dash = header.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto first = number(header.substr(0, dash));
    const auto last = number(header.substr(dash + 1));
    if (!first && !last) return std::nullopt;
    if (!first && dash != 0) return std::nullopt;
    if (!last && dash + 1 != header.size()) return std::nullopt;
    if (!first) {
        const std::uint64_t length = std::min(*last, size);
        return ByteRange{size - length, length};
    }
    if (last && *last < *first) return std::nullopt;
    if (*first >= size) return ByteRange{size, 0};
    const std::uint64_t end = std::min(last.value_or(size - 1), size - 1);
    return ByteRange{*first, end - *first + 1};
}

}  // namespace sbx::daemon
