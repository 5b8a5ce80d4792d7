#include "core/wire/base64.hpp"

#include <algorithm>
#include <cstdint>

namespace sbx::wire {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Up to three bytes as the high bits of 24.
std::uint32_t group_of(std::string_view bytes)
{
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
        group = group << 8 | (i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0U);
    return group;
}

}  // namespace

std::string to_base64(std::string_view bytes)
{
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
        const std::uint32_t group = group_of(bytes);
        for (std::size_t i = 0; i < 4; ++i)
            text.push_back(i <= bytes.size() ? alphabet[group >> (18 - 6 * i) & 63] : '=');
    }
    return text;
}

bool from_base64(std::string_view text, std::string& bytes)
{
    bytes.clear();
    bytes.reserve(text.size() / 4 * 3);
    for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(4)) {
        if (rest.size() < 4) return false;
        std::uint32_t group = 0;
        for (const char c : rest.substr(0, 4)) {
            const std::size_t digit = alphabet.find(c);
            group = group << 6 | (digit == std::string_view::npos ? 0U : static_cast<std::uint32_t>(digit));
        }
        for (int i = 2; i >= 0; --i) bytes.push_back(static_cast<char>(group >> 8 * i));
    }
    if (text.ends_with("==")) bytes.pop_back();
    if (text.ends_with("=")) bytes.pop_back();
    return to_base64(bytes) == text;  // refuses foreign characters, stray padding and left-over bits
}

}  // namespace sbx::wire
