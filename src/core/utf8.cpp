#include "sbx/utf8.hpp"

namespace sbx {
namespace {

/// A lead byte's sequence: how many bytes follow and the range of the first of them.
/// @source The Unicode Standard 15.0, table 3-7
struct Sequence {
    std::size_t following;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
};

constexpr std::size_t ill_formed = 4;

Sequence sequence_of(unsigned char lead)
{
    if (lead < 0x80) return {0};
    if (lead < 0xc2) return {ill_formed};
    if (lead < 0xe0) return {1};
    if (lead == 0xe0) return {2, 0xa0};
    if (lead == 0xed) return {2, 0x80, 0x9f};
    if (lead < 0xf0) return {2};
    if (lead == 0xf0) return {3, 0x90};
    if (lead < 0xf4) return {3};
    if (lead == 0xf4) return {3, 0x80, 0x8f};
    return {ill_formed};
}

}  // namespace

bool is_utf8(std::string_view bytes)
{
    for (std::size_t i = 0; i < bytes.size();) {
        Sequence sequence = sequence_of(static_cast<unsigned char>(bytes[i++]));
        if (sequence.following == ill_formed || sequence.following > bytes.size() - i) return false;
        for (; sequence.following > 0; --sequence.following, ++i) {
            const auto byte = static_cast<unsigned char>(bytes[i]);
            if (byte < sequence.low || byte > sequence.high) return false;
            sequence.low = 0x80;
            sequence.high = 0xbf;
        }
    }
    return true;
}

std::size_t unfinished_character(std::string_view bytes)
{
    for (std::size_t length = 1; length <= 3 && length <= bytes.size(); ++length) {
        const auto lead = static_cast<unsigned char>(bytes[bytes.size() - length]);
        if ((lead & 0xc0U) == 0x80U) continue;
        const std::size_t following = sequence_of(lead).following;
        return following != ill_formed && following >= length ? length : 0;
    }
    return 0;
}

}  // namespace sbx
