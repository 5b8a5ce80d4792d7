// Header blocks and pax records of archives that callers send.
#include "agent/tar_format.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>

using namespace sbx::agent;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char*>(input), size);
    PaxRecords records;
    parse_pax(bytes, records);
    TarHeader header = {};
    std::memcpy(&header, input, std::min(size, sizeof header));
    const auto member = parse_header(header);
    if (!member || member->mtime_ns < 0 || member->size > std::uint64_t{1} << 33) return 0;
    // What is written from it says the same, unless its name needs a pax header.
    const std::string blocks = format_header(*member);
    if (blocks.size() % tar_block != 0) std::abort();
    if (blocks.size() > tar_block || member->size >= std::uint64_t{1} << 33) return 0;
    std::memcpy(&header, blocks.data(), sizeof header);
    const auto again = parse_header(header);
    if (!again || again->path != member->path || again->size != member->size || again->mode != member->mode)
        std::abort();
    return 0;
}
