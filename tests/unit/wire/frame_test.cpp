#include "core/wire/frame.hpp"
#include "catch.hpp"

#include <vector>

using namespace sbx::wire;

namespace {

struct Collected : FrameSink {
    const char* on_control(const Header& header, std::string_view json) override
    {
        headers.push_back(header);
        payloads.emplace_back(json);
        return refuse;
    }
    const char* on_bytes(const Header& header, std::span<const char> piece) override
    {
        largest_piece = std::max(largest_piece, piece.size());
        CHECK_FALSE(piece.empty());
        data.append(piece.data(), piece.size());
        CHECK(header.type == Type::data);
        return refuse;
    }

    std::vector<Header> headers;
    std::vector<std::string> payloads;
    std::string data;
    std::size_t largest_piece = 0;
    const char* refuse = nullptr;
};

std::string header(std::uint32_t length, int type, int channel, int flags, std::uint32_t stream)
{
    std::string bytes;
    for (const std::uint32_t word : {length, static_cast<std::uint32_t>(type | channel << 8 | flags << 16), stream})
        for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(word >> 8 * i));
    return bytes;
}

}  // namespace

TEST_CASE("a header has twelve bytes, little endian")
{
    std::string frame;
    append_frame(frame, Type::data, 3, 0x01020304, "ab");
    CHECK(frame == std::string("\x02\0\0\0\x11\x03\0\0\x04\x03\x02\x01"
                               "ab",
                               14));
}

TEST_CASE("frames are the same however the bytes are cut")
{
    std::string bytes;
    append_frame(bytes, Type::hello, 0, 0, "{}");
    append_frame(bytes, Type::data, 1, 1, std::string(1'000, 'x'));
    append_frame(bytes, Type::exit, 0, 1, R"({"code":3})");
    const std::size_t step = GENERATE(1, 2, 3, 5, 11, 12, 13, 100, 5'000);
    Collected seen;
    Decoder decoder(Direction::to_owner);
    for (std::size_t at = 0; at < bytes.size(); at += step)
        REQUIRE(decoder.feed(std::span(bytes).subspan(at, std::min(step, bytes.size() - at)), seen) == nullptr);
    REQUIRE(seen.headers.size() == 2);
    CHECK(seen.headers[1] == Header{10, Type::exit, 0, 1});
    CHECK(seen.payloads == std::vector<std::string>{"{}", R"({"code":3})"});
    CHECK(seen.data == std::string(1'000, 'x'));
}

TEST_CASE("a large data frame is handed over in the pieces it arrives in")
{
    std::string bytes;
    append_frame(bytes, Type::data, 1, 1, std::string(max_data_bytes, 'x'));
    Collected seen;
    Decoder decoder(Direction::to_owner);
    constexpr std::size_t step = 64U << 10;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        REQUIRE(decoder.feed(std::span(bytes).subspan(at, std::min(step, bytes.size() - at)), seen) == nullptr);
        CHECK(seen.data.size() >= std::min(at, max_data_bytes));
    }
    CHECK(seen.data.size() == max_data_bytes);
    CHECK(seen.largest_piece <= step);
}

TEST_CASE("headers that no agent may send are refused before a byte of payload")
{
    const auto [bytes, why] = GENERATE(table<std::string, std::string>({
        {header(2, 0, 0, 0, 1), "unknown frame type"},
        {header(2, 10, 0, 0, 0), "unknown frame type"},
        {header(2, 54, 0, 0, 1), "unknown frame type"},
        {header(2, 255, 0, 0, 1), "unknown frame type"},
        {header(2, 16, 0, 0, 1), "frame in the wrong direction"},
        {header(2, 2, 0, 0, 1), "frame in the wrong direction"},
        {header(2, 20, 0, 0, 1), "frame in the wrong direction"},
        {header(2, 21, 0, 1, 1), "unknown flag"},
        {header(2, 17, 1, 0x8000, 1), "unknown flag"},
        {header((64U << 10) + 1, 21, 0, 0, 1), "frame too long"},
        {header(0xffffffff, 21, 0, 0, 1), "frame too long"},
        {header((1U << 20) + 1, 17, 1, 0, 1), "frame too long"},
        {header(0xffffffff, 17, 1, 0, 1), "frame too long"},
        {header(0, 17, 1, 0, 1), "empty frame"},
        {header(0, 21, 0, 0, 1), "empty frame"},
        {header(2, 17, 16, 0, 1), "unknown channel"},
        {header(2, 17, 255, 0, 1), "unknown channel"},
        {header(2, 21, 1, 0, 1), "unknown channel"},
        {header(2, 17, 1, 0, 0), "frame on the wrong stream"},
        {header(2, 21, 0, 0, 0), "frame on the wrong stream"},
        {header(2, 1, 0, 0, 1), "frame on the wrong stream"},
        {header(2, 4, 0, 0, 1), "frame on the wrong stream"},
    }));
    Collected seen;
    Decoder decoder(Direction::to_owner);
    const char* refusal = decoder.feed(bytes, seen);
    REQUIRE(refusal);
    CHECK(refusal == why);
    CHECK(seen.headers.empty());
    std::string good;
    append_frame(good, Type::hello, 0, 0, "{}");
    CHECK(decoder.feed(good, seen) == refusal);
    CHECK(seen.headers.empty());
}

TEST_CASE("the owner may send longer control frames than the agent")
{
    Header parsed;
    std::array<char, header_bytes> bytes;
    put_header(bytes, {.length = max_control_to_agent, .type = Type::spawn, .stream = 1});
    CHECK(parse_header(bytes, Direction::to_agent, parsed) == nullptr);
    put_header(bytes, {.length = max_control_to_agent + 1, .type = Type::spawn, .stream = 1});
    CHECK(parse_header(bytes, Direction::to_agent, parsed) != nullptr);
    put_header(bytes, {.length = max_control_to_owner, .type = Type::exit, .stream = 1});
    CHECK(parse_header(bytes, Direction::to_owner, parsed) == nullptr);
}

TEST_CASE("what the sink refuses stays refused")
{
    Collected seen;
    seen.refuse = "no";
    Decoder decoder(Direction::to_owner);
    std::string bytes;
    append_frame(bytes, Type::hello, 0, 0, "{}");
    append_frame(bytes, Type::hello, 0, 0, "{}");
    CHECK(decoder.feed(bytes, seen) == std::string("no"));
    CHECK(seen.headers.size() == 1);
    seen.refuse = nullptr;
    CHECK(decoder.feed(bytes, seen) == std::string("no"));
}
