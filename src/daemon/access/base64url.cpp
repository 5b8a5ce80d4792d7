#include "daemon/access/base64url.hpp"

#include <cstdint>

namespace sbx::daemon {
namespace {

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::optional<std::string> from_base64url(std::string_view text)
{
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;  // that are not written yet, and above them some that were
    unsigned count = 0;
    for (const char c : text) {
        const std::size_t digit = digits.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        bits = bits << 6U | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xFFU);
    }
    const std::uint32_t rest = bits & ((1U << count) - 1U);
    if (count == 6 || rest != 0) return std::nullopt;
    return bytes;
}

}  // namespace sbx::daemon
