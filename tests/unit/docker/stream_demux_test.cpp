#include "core/docker/stream_demux.hpp"

#include "catch.hpp"

#include <cstring>

using sbx::docker::StreamDemux;

namespace {

std::string frame(char type, const std::string& payload)
{
    std::string bytes{type, 0, 0, 0};
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(payload.size() >> shift & 0xff);
    return bytes + payload;
}

void put(StreamDemux& demux, const std::string& bytes)
{
    const auto room = demux.room();
    REQUIRE(room.size() >= bytes.size());
    std::memcpy(room.data(), bytes.data(), bytes.size());
    demux.commit(bytes.size());
}

std::string take(StreamDemux& demux, std::size_t at_most = 1 << 16)
{
    std::string out(at_most, '\0');
    const auto count = demux.take(out);
    REQUIRE(count);
    out.resize(*count);
    return out;
}

}  // namespace

TEST_CASE("standard output comes out whole, however the stream is cut")
{
    const std::string stream = frame(1, "one") + frame(2, "bad news") + frame(1, "") + frame(1, "two");
    const std::size_t cut = GENERATE(1, 2, 5, 8, 9, 100);
    StreamDemux demux;
    std::string out;
    for (std::size_t at = 0; at < stream.size(); at += cut) {
        put(demux, stream.substr(at, cut));
        out += take(demux);
    }
    CHECK(out == "onetwo");
    CHECK(demux.last_stderr() == "bad news");
    CHECK(demux.between_frames());
}

TEST_CASE("a small reader gets everything in small parts")
{
    StreamDemux demux;
    put(demux, frame(1, "abcdef") + frame(1, "gh"));
    std::string out;
    for (std::string part = take(demux, 3); !part.empty(); part = take(demux, 3)) out += part + ".";
    CHECK(out == "abc.def.gh.");
}

TEST_CASE("of standard error the end is kept")
{
    StreamDemux demux;
    for (int i = 0; i < 100; ++i) {
        put(demux, frame(2, std::string(1000, 'x')));
        CHECK(take(demux).empty());
    }
    put(demux, frame(2, "the end"));
    CHECK(take(demux).empty());
    CHECK(demux.last_stderr().size() == StreamDemux::kept_stderr_bytes);
    CHECK(demux.last_stderr().ends_with("xxthe end"));
}

TEST_CASE("a header that no engine writes ends the stream")
{
    const std::string header = GENERATE(as<std::string>(), std::string("\x03\0\0\0\0\0\0\1", 8),
                                        std::string("\x01\0\0\1\0\0\0\1", 8), std::string("\x01\0\0\0\x01\0\0\1", 8),
                                        std::string("\x01\0\0\0\xff\xff\xff\xff", 8), std::string("HTTP/1.1", 8));
    StreamDemux demux;
    put(demux, frame(1, "fine") + header);
    std::string out(100, '\0');
    const auto count = demux.take(out);
    REQUIRE_FALSE(count);
    CHECK(count.error().code == sbx::Errc::internal);
}

TEST_CASE("a stream that ends within a frame is known to")
{
    StreamDemux demux;
    put(demux, frame(1, "abc").substr(0, 9));
    CHECK(take(demux) == "a");
    CHECK_FALSE(demux.between_frames());
}
