#include "core/inflate.hpp"

#include <zlib.h>

#include <stdexcept>

namespace sbx {

bool inflate(std::string_view deflated, std::span<std::byte> into)
{
    uLongf count = into.size();
    const auto* from = reinterpret_cast<const Bytef*>(deflated.data());
    const int state = ::uncompress(reinterpret_cast<Bytef*>(into.data()), &count, from, deflated.size());
    return state == Z_OK && count == into.size();
}

std::string DeflatedFile::bytes() const
{
    std::size_t size = 0;
    for (const unsigned char byte : deflated.substr(0, 4)) size = size << 8 | byte;
    std::string content(size, '\0');
    if (!inflate(deflated.substr(4), std::as_writable_bytes(std::span(content))))
        throw std::logic_error("a file of this binary is damaged");
    return content;
}

}  // namespace sbx
