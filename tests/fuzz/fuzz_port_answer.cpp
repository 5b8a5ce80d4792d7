// What a program in a sandbox can answer to a request of HTTP. However it comes in pieces, it means the same.
#include "daemon/ports/answer_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace sbx;
using namespace sbx::daemon;

struct Outcome {
    bool failed = false;
    unsigned status = 0;
    std::optional<std::uint64_t> length;
    std::string body;
    bool operator==(const Outcome&) const = default;
};

void require(bool truth)
{
    if (!truth) std::abort();
}

void feed(AnswerReader& reader, std::string_view& bytes, std::size_t piece)
{
    const std::string_view next = bytes.substr(0, piece);
    bytes.remove_prefix(next.size());
    if (next.empty())
        reader.feed_end();
    else
        reader.feed(next);
}

Outcome read(std::string_view bytes, std::size_t piece, bool is_head, bool upgrades)
{
    AnswerReader reader(is_head, upgrades);
    Outcome outcome;
    Result<bool> known = reader.read_head();
    for (; known && !*known; known = reader.read_head()) feed(reader, bytes, piece);
    outcome.failed = !known;
    if (!known) return outcome;
    outcome.status = reader.status();
    outcome.length = reader.length();
    require(outcome.status == 101 || (outcome.status >= 200 && outcome.status <= 599));
    require(upgrades || outcome.status != 101);
    std::string space(100, '\0');
    while (!reader.is_done()) {
        const Result<std::size_t> count = reader.read_body(space);
        outcome.failed = !count;
        if (!count) break;
        require(*count <= space.size());
        outcome.body.append(space, 0, *count);
        if (*count == 0 && !reader.is_done()) feed(reader, bytes, piece);
    }
    require(!is_head || outcome.body.empty());
    if (!outcome.failed && !is_head && outcome.length && outcome.status != 204 && outcome.status != 304 &&
        outcome.status != 101)
        require(outcome.body.size() == *outcome.length);
    // What was passed on before a failure depends on the pieces.
    if (outcome.failed) outcome.body.clear();
    return outcome;
}

}  // namespace

/// The first byte says how large the pieces are, the second what was asked.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
    if (size < 2) return 0;
    const std::size_t piece = input[0] + std::size_t{1};
    const bool is_head = (input[1] & 1U) != 0;
    const bool upgrades = (input[1] & 2U) != 0;
    const std::string_view bytes(reinterpret_cast<const char*>(input) + 2, size - 2);
    require(read(bytes, piece, is_head, upgrades) == read(bytes, size, is_head, upgrades));
    return 0;
}
