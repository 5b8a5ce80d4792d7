#include "catch.hpp"

#include "daemon/ports/answer_reader.hpp"

using namespace sbx;
using namespace sbx::daemon;

namespace {

struct Read {
    std::optional<Error> failure;
    unsigned status = 0;
    std::optional<std::uint64_t> length;
    std::string body;
    bool is_done = false;
};

/// The answer in pieces of `size` bytes, then the end.
Read read_all(std::string_view bytes, std::size_t size, bool is_head = false, bool upgrades = false)
{
    AnswerReader reader(is_head, upgrades);
    Read read;
    const auto more = [&] {
        const std::string_view piece = bytes.substr(0, size);
        bytes.remove_prefix(piece.size());
        if (piece.empty())
            reader.feed_end();
        else
            reader.feed(piece);
    };
    for (;;) {
        const Result<bool> known = reader.read_head();
        if (!known) {
            read.failure = known.error();
            return read;
        }
        if (*known) break;
        more();
    }
    read.status = reader.status();
    read.length = reader.length();
    std::string space(7, '\0');
    while (!reader.is_done()) {
        const Result<std::size_t> count = reader.read_body(space);
        if (!count) {
            read.failure = count.error();
            return read;
        }
        read.body.append(space, 0, *count);
        if (*count == 0 && !reader.is_done()) more();
    }
    read.is_done = true;
    return read;
}

std::size_t piece_size()
{
    return GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{64} << 10);
}

}  // namespace

TEST_CASE("an answer is read however it comes")
{
    const std::size_t size = piece_size();
    const auto [text, status, body] = GENERATE(table<std::string, unsigned, std::string>({
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n", 200, "hello"},
        {"HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", 404, ""},
        {"HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end"},
        {"HTTP/1.1 200 OK\r\n\r\n", 200, ""},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, "hello"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", 200, ""},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n",
         200, "abc0123456789"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No\r\n\r\n", 204, ""},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, ""},
    }));
    CAPTURE(text, size);
    const Read read = read_all(text, size);
    CHECK_FALSE(read.failure);
    CHECK(read.status == status);
    CHECK(read.body == body);
    CHECK(read.is_done);
}

TEST_CASE("what could be taken in two ways is no answer")
{
    const std::size_t size = piece_size();
    const std::string text = GENERATE(
        as<std::string>(), "garbage\r\n\r\n", "\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 099 X\r\n\r\n", "HTTP/1.1 600 X\r\n\r\n", "HTTP/1.1 200 OK\nA: b\n\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\nA\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nab", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nx",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "HTTP/1.1 101 Switching\r\nUpgrade: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
        std::string("HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", 27));
    CAPTURE(text, size);
    const Read read = read_all(text, size);
    REQUIRE(read.failure);
    CHECK(read.failure->code == Errc::unavailable);
}

TEST_CASE("an answer that is cut is none")
{
    const std::string whole = GENERATE(as<std::string>(), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                                       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                                       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                                       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n");
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(whole, length);
        CHECK(read_all(std::string_view(whole).substr(0, length), 1).failure);
        CHECK(read_all(std::string_view(whole).substr(0, length), 1 << 16).failure);
    }
}

TEST_CASE("what an answer says has bounds")
{
    const std::string large(1 << 20, 'a');
    CHECK(read_all("HTTP/1.1 200 OK\r\nA: " + large, 4096).failure);
    CHECK(read_all("HTTP/1.1 200 " + large, 4096).failure);
    std::string fields = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 200; ++i) fields += "A: b\r\n";
    CHECK(read_all(fields + "\r\n", 4096).failure);
    std::string interim;
    for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 102 Processing\r\n\r\n";
    CHECK(read_all(interim + "HTTP/1.1 204 No\r\n\r\n", 4096).failure);
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK(read_all(chunked + "5;" + large, 4096).failure);
    CHECK(read_all(chunked + "0\r\nA: " + large, 4096).failure);
}

TEST_CASE("the answer to HEAD tells a length and has no body")
{
    const Read read = read_all("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", piece_size(), true);
    CHECK(read.is_done);
    CHECK(read.length == 5U);
    CHECK(read.body.empty());
}

TEST_CASE("after 101 comes another protocol")
{
    AnswerReader reader(false, true);
    reader.feed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nfirst bytes");
    const Result<bool> known = reader.read_head();
    REQUIRE(known);
    CHECK(*known);
    CHECK(reader.status() == 101);
    CHECK(reader.rest() == "first bytes");
}
