#include "core/random.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace sbx {

std::string random_hex(std::size_t count)
{
    return random_text(2 * count, "0123456789abcdef");
}

std::string random_text(std::size_t count, std::string_view alphabet)
{
    // Bytes from beyond the last whole alphabet would favour its first characters.
    const std::size_t fair = 256 / alphabet.size() * alphabet.size();
    std::string text;
    std::array<unsigned char, 64> random{};
    while (text.size() < count) {
        if (::getentropy(random.data(), random.size()) != 0) throw std::runtime_error("getentropy failed");
        for (const unsigned char byte : random)
            if (byte < fair && text.size() < count) text.push_back(alphabet[byte % alphabet.size()]);
    }
    return text;
}

}  // namespace sbx
