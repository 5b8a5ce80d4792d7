#include "catch.hpp"

#include "daemon/http/body_decoder.hpp"

using namespace sbx::daemon;

namespace {

constexpr std::size_t line_bytes = 256;

struct Decoded {
    std::string body;
    std::size_t used = 0;
    bool done = false;
    bool malformed = false;
};

/// Feeds `piece` bytes at a time and takes at most `most` of the body.
Decoded decode(const Framing& framing, std::string_view bytes, std::size_t piece, std::size_t most)
{
    BodyDecoder decoder(framing, line_bytes);
    Decoded decoded;
    while (!decoder.is_done() && !decoder.is_malformed() && decoded.used < bytes.size()) {
        const std::string_view next = bytes.substr(decoded.used, piece);
        const BodyDecoder::Step step = decoder.next(next, most);
        decoded.body += next.substr(step.framing, step.data);
        decoded.used += step.framing + step.data;
    }
    decoded.done = decoder.is_done();
    decoded.malformed = decoder.is_malformed();
    return decoded;
}

Framing chunked()
{
    Framing framing;
    framing.chunked = true;
    return framing;
}

}  // namespace

TEST_CASE("a body of a told length ends after it")
{
    Framing framing;
    framing.length = 5;
    const std::size_t piece = GENERATE(1, 2, 100);
    const Decoded decoded = decode(framing, "helloGET / HTTP/1.1", piece, 3);
    CHECK(decoded.done);
    CHECK(decoded.body == "hello");
    CHECK(decoded.used == 5);
    CHECK(BodyDecoder(Framing(), line_bytes).is_done());
    CHECK(BodyDecoder(framing, line_bytes).expected() == 5);
}

TEST_CASE("chunks are joined, whatever pieces they arrive in")
{
    const auto [piece, most] =
        GENERATE(table<std::size_t, std::size_t>({{1, 1}, {2, 100}, {3, 2}, {100, 100}, {100, 1}}));
    const std::string bytes = GENERATE(as<std::string>(), "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
                                       "005;a=b;c=\"d\"\r\nhello\r\n6;x\r\n world\r\n0;last\r\n\r\n",
                                       "B\r\nhello world\r\n0\r\nX-Trailer: a\r\nContent-Length: 9\r\n\r\n",
                                       "b\r\nhello world\r\n000\r\n\r\n");
    const Decoded decoded = decode(chunked(), bytes + "GET", piece, most);
    CHECK(decoded.done);
    CHECK(decoded.body == "hello world");
    CHECK(decoded.used == bytes.size());
}

TEST_CASE("malformed chunks are refused")
{
    const std::string bytes =
        GENERATE(as<std::string>(), "\r\n", "x\r\n", "-1\r\n", "+1\r\n", " 1\r\n", "0x1\r\n", "1 \r\n", "6 ;x\r\n",
                 ";a\r\n", "1\nA\r\n", "1\rA", "1\r\nAB", "1\r\nA\n0\r\n", "1\r\nA\rB", "1;a\nb\r\n", "1;a\x01\r\n",
                 "1;a\r\r\n", "FFFFFFFFFFFFFFFFF\r\n", "8000000000000000\r\n", "0\r\nX: a\n\r\n", "0\r\nX: a\rb\r\n",
                 "0\r\nX\x01: a\r\n\r\n", "0\r\n\n", "0\r\n\r\r\n");
    CAPTURE(bytes);
    CHECK(decode(chunked(), bytes, 1, 10).malformed);
    CHECK(decode(chunked(), bytes, 100, 10).malformed);
}

TEST_CASE("a chunk's line and the trailer have a limit")
{
    const auto line = [](std::size_t n) { return "1;" + std::string(n - 3, 'x') + "\r\nA\r\n0\r\n\r\n"; };
    CHECK(decode(chunked(), line(line_bytes), 1000, 10).done);
    CHECK(decode(chunked(), line(line_bytes + 1), 1000, 10).malformed);
    CHECK(decode(chunked(), "0\r\n" + std::string(10'000, 'x'), 1000, 10).malformed);
    std::string fields;
    for (int i = 0; i < 3000; ++i) fields += "X: y\r\n";
    CHECK(decode(chunked(), "0\r\n" + fields, 1000, 10).malformed);
}
