#include "agent/tail.hpp"
#include "catch.hpp"

#include <cstring>
#include <vector>

using sbx::agent::Tail;

namespace {

/// The bytes of all channels, in order, and of one.
std::string text(const Tail& tail, int channel = -1)
{
    const std::string& records = tail.records();
    std::string bytes;
    for (std::size_t at = 0; at < records.size();) {
        std::uint32_t length = 0;
        std::memcpy(&length, records.data() + at + 1, sizeof length);
        REQUIRE(at + 5 + length <= records.size());
        REQUIRE(length > 0);
        if (channel < 0 || records[at] == channel) bytes += records.substr(at + 5, length);
        at += 5 + length;
    }
    return bytes;
}

}  // namespace

TEST_CASE("a tail keeps what was said, by channel and in order")
{
    Tail tail;
    CHECK(text(tail).empty());
    tail.add(1, "one ");
    tail.add(1, "two ");
    tail.add(2, "three ");
    tail.add(1, "four");
    CHECK(text(tail) == "one two three four");
    CHECK(text(tail, 1) == "one two four");
    CHECK(text(tail, 2) == "three ");
    CHECK(tail.dropped_bytes() == 0);
}

TEST_CASE("a tail never grows beyond its bound, and counts what it drops")
{
    const auto [step, channels] = GENERATE(table<std::size_t, unsigned>(
        {{1, 1}, {1, 2}, {7, 3}, {1'000, 1}, {1'000, 2}, {65'530, 2}, {65'531, 1}, {65'532, 2}, {200'000, 3}}));
    Tail tail;
    std::string said;
    unsigned turn = 0;
    while (said.size() < 300'000) {
        std::string piece;
        for (std::size_t i = 0; i < step; ++i) piece.push_back(static_cast<char>(said.size() * 31 + i * 7));
        tail.add(static_cast<std::uint8_t>(turn++ % channels + 1), piece);
        said += piece;
        REQUIRE(tail.records().size() <= Tail::max_bytes);
    }
    const std::string kept = text(tail);
    CHECK(said.ends_with(kept));
    CHECK(tail.dropped_bytes() == said.size() - kept.size());
    CHECK(tail.records().size() + 5 >= Tail::max_bytes - step % Tail::max_bytes);
    CHECK(tail.records().capacity() <= Tail::max_bytes + 16);
}
