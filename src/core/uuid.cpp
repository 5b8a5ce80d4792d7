#include "core/uuid.hpp"

#include "core/random.hpp"

namespace sbx {
namespace {

constexpr std::string_view shape = "xxxxxxxx-xxxx-4xxx-Nxxx-xxxxxxxxxxxx";  // N: of the variant, RFC 4122
constexpr std::string_view digits = "0123456789abcdef";
constexpr std::string_view variant_digits = "89ab";

/// What may stand where the shape has this letter.
std::string_view allowed(const char& letter)
{
    if (letter == 'x') return digits;
    if (letter == 'N') return variant_digits;
    return {&letter, 1};
}

}  // namespace

std::string new_uuid()
{
    std::string id = random_hex(shape.size() / 2);
    for (std::size_t at = 0; at < id.size(); ++at)
        if (shape[at] != 'x') id[at] = shape[at];
    id[shape.find('N')] = random_text(1, variant_digits).front();
    return id;
}

bool is_uuid(std::string_view text)
{
    if (text.size() != shape.size()) return false;
    for (std::size_t at = 0; at < text.size(); ++at)
        if (allowed(shape[at]).find(text[at]) == std::string_view::npos) return false;
    return true;
}

}  // namespace sbx
