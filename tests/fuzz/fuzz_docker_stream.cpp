// An attach stream, cut anywhere and read in parts of any size: the same standard output, and never more than came in.
#include "core/docker/stream_demux.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

struct Outcome {
    std::string out;
    std::string errors;
    bool broken = false;
};

Outcome read_all(const std::uint8_t* bytes, std::size_t size, std::size_t cut, std::size_t part)
{
    sbx::docker::StreamDemux demux;
    Outcome outcome;
    std::string to(part, '\0');
    for (std::size_t at = 0; at < size;) {
        const auto room = demux.room();
        const std::size_t count = std::min({cut, size - at, room.size()});
        std::memcpy(room.data(), bytes + at, count);
        demux.commit(count);
        at += count;
        for (std::size_t taken = part; taken > 0;) {
            const auto result = demux.take(to);
            if (!result) {
                outcome.broken = true;
                return outcome;
            }
            taken = *result;
            outcome.out.append(to, 0, taken);
        }
    }
    outcome.errors = demux.last_stderr();
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2) return 0;
    const std::size_t cut = data[0] % 32 + 1;
    const std::size_t part = data[1] % 32 + 1;
    const Outcome whole = read_all(data + 2, size - 2, size, 4096);
    const Outcome parts = read_all(data + 2, size - 2, cut, part);
    if (whole.broken != parts.broken) std::abort();
    if (!whole.broken && (whole.out != parts.out || whole.errors != parts.errors)) std::abort();
    if (whole.out.size() + whole.errors.size() > size) std::abort();
    return 0;
}
