#include "catch.hpp"

#include "daemon/http/multipart.hpp"

#include <fmt/format.h>

#include <vector>

using namespace sbx;
using namespace sbx::daemon;

namespace {

struct Told {
    MultipartPart part;
    std::string data;
    bool ended = false;
    bool operator==(const Told&) const = default;
};

class Parts : public MultipartSink {
   public:
    Result<void> on_part(const MultipartPart& part) override
    {
        CHECK((told.empty() || told.back().ended));
        told.push_back({part});
        return {};
    }
    Result<void> on_data(std::string_view bytes) override
    {
        CHECK(!bytes.empty());
        told.back().data += bytes;
        return {};
    }
    Result<void> on_end() override
    {
        told.back().ended = true;
        return {};
    }

    std::vector<Told> told;
};

struct Decoded {
    std::vector<Told> parts;
    std::string failure;  ///< empty: none
    bool operator==(const Decoded&) const = default;
};

/// Feeds the pieces and says what came out.
Decoded decode(const std::vector<std::string_view>& pieces, std::string_view boundary = "XX")
{
    Parts parts;
    MultipartDecoder decoder(boundary);
    for (const std::string_view piece : pieces) {
        // Not from the body itself: what is kept must be kept in the decoder.
        const std::string copy(piece);
        if (const Result<void> fed = decoder.feed(copy, parts); !fed) {
            CHECK(fed.error().code == Errc::invalid_argument);
            CHECK(decoder.feed("more", parts).error() == fed.error());
            CHECK(decoder.finish().error() == fed.error());
            return {std::move(parts.told), fed.error().message};
        }
    }
    const Result<void> finished = decoder.finish();
    return {std::move(parts.told), finished ? "" : finished.error().message};
}

Decoded decode(std::string_view body, std::size_t piece)
{
    std::vector<std::string_view> pieces;
    for (; !body.empty(); body.remove_prefix(std::min(piece, body.size()))) pieces.push_back(body.substr(0, piece));
    return decode(pieces);
}

Told file(const std::string& name, const std::string& data)
{
    return {MultipartPart{.name = "file", .file_name = name, .content_type = "text/plain"}, data, true};
}

std::string written(const std::vector<Told>& parts)
{
    std::string body;
    for (const Told& told : parts)
        body += fmt::format(
            "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\nContent-Type: "
            "text/plain\r\n\r\n{}\r\n",
            *told.part.file_name, told.data);
    return body + "--XX--\r\n";
}

constexpr std::string_view head = "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";

}  // namespace

TEST_CASE("every way to cut a body in three gives the same parts")
{
    const std::vector<Told> parts = {file("a/\xc3\xa9.txt", "\r\n--X\r\n-"), file("", ""),
                                     file("c", "\r\r\n\r\n--\r\n--XX-\r\n--XX\rend\r")};
    const std::string body = "before\r\n" + written(parts) + "after\r\n--XX\r\n";
    CHECK(decode({body}).parts == parts);
    for (std::size_t i = 0; i <= body.size(); ++i) {
        for (std::size_t j = i; j <= body.size(); ++j) {
            const std::string_view text = body;
            const Decoded decoded = decode({text.substr(0, i), text.substr(i, j - i), text.substr(j)});
            if (decoded.failure.empty() && decoded.parts == parts) continue;
            FAIL("cut at " << i << " and " << j << ": " << decoded.failure);
        }
    }
}

TEST_CASE("pieces of any one size give the same parts")
{
    const std::size_t piece = GENERATE(1, 2, 3, 5, 7, 64, 1000, 65'536, 1'000'000);
    std::string large;
    while (large.size() < 300'000) large += fmt::format("{}\r\n--XX{}\r", large.size(), large.size());
    const std::vector<Told> parts = {file("a", large), file("b", "x"), file("c", large.substr(7))};
    const Decoded decoded = decode(written(parts), piece);
    CHECK(decoded.failure.empty());
    CHECK((decoded.parts == parts));
}

TEST_CASE("a form may be empty, and its end needs no line end")
{
    const std::string body =
        GENERATE(as<std::string>(), "--XX--", "--XX--\r\n", "\r\n--XX--", "preamble\r\n--XX--epilogue");
    CHECK(decode(body, 1) == Decoded());
}

TEST_CASE("a part may be empty")
{
    const Decoded decoded = decode(std::string(head) + "\r\n--XX--", 1);
    REQUIRE(decoded.parts.size() == 1);
    CHECK(decoded.parts[0] == Told{MultipartPart{.name = "a"}, "", true});
    CHECK(decoded.failure.empty());
}

TEST_CASE("what only looks like a boundary is data")
{
    const std::string data =
        GENERATE(as<std::string>(), "--XX", "--XX--", "x--XX\r\n", "\n--XX\r\n", "\r--XX\r\n", "\r\n--XXX\r\n",
                 "\r\n--XX\n", "\r\n--XX-", "\r\n--XX-x", "\r\n --XX\r\n", "\r\n--xx\r\n", "\r\n-XX\r\n",
                 "\r\n--XX \tx\r\n", "\r\n--XX\r", "\r\n--XX \r", "\r\n--XX\r\r\n", "\r\n\r\n--X", "\r\n--XX;\r\n--XX;",
                 std::string("\r\n--XX\0\r\n", 9), "\r\n--XX" + std::string(33, ' ') + "\r\n");
    const std::size_t piece = GENERATE(1, 3, 1000);
    CAPTURE(data);
    const Decoded decoded = decode(std::string(head) + data + "\r\n--XX--\r\n", piece);
    CHECK(decoded.failure.empty());
    REQUIRE(decoded.parts.size() == 1);
    CHECK(decoded.parts[0].data == data);
}

TEST_CASE("blanks may follow a boundary")
{
    const std::string body = "--XX \t \r\n" + std::string(head.substr(6)) + "1\r\n--XX" + std::string(32, '\t') +
                             "\r\n" + std::string(head.substr(6)) + "2\r\n--XX--  ";
    const Decoded decoded = decode(body, GENERATE(1, 4, 1000));
    CHECK(decoded.failure.empty());
    REQUIRE(decoded.parts.size() == 2);
    CHECK(decoded.parts[0].data == "1");
    CHECK(decoded.parts[1].data == "2");
}

TEST_CASE("a body that is cut anywhere before its end is an error")
{
    const std::string body = written({file("a", "one\r\n--XX-\r\n"), file("b", "two")});
    const std::size_t end = body.size() - std::string_view("\r\n").size();
    for (std::size_t size = 0; size < body.size(); ++size) {
        const Decoded decoded = decode(std::string_view(body).substr(0, size), 3);
        CAPTURE(size);
        CHECK(decoded.failure.empty() == (size >= end));
        CHECK((decoded.parts.size() < 2 || decoded.parts[1].ended == (size >= end)));
    }
}

TEST_CASE("a malformed body is an error, whatever its pieces")
{
    const std::string part(head);
    const std::string body =
        GENERATE_COPY(as<std::string>(), "--XX\r\n\r\nx\r\n--XX--",
                      "--XX\r\nContent-Disposition: form-data; name=\"a\"\n\nx\r\n--XX--",
                      "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\nx\r\n--XX--",
                      "--XX\r\nContent-Disposition: form-data; name=\"a\"\n\r\nx\r\n--XX--",
                      "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\r\n\r\nx\r\n--XX--",
                      "--XX\r\nContent-Disposition: form-data; name=\"a\rb\"\r\n\r\nx\r\n--XX--",
                      "--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XX--", "--XX\r\n--XX--",
                      part + "x\r\n--XX\r\n--XX--", "--XX\nContent-Disposition: form-data; name=\"a\"\n\nx\n--XX--\n",
                      part + "x--XX--", part + "x\n--XX--\n", part + "x\r\n--XY--", "{}", "");
    CAPTURE(body);
    const Decoded whole = decode({body});
    CHECK_FALSE(whole.failure.empty());
    CHECK(decode(body, 1) == whole);
    CHECK(decode(body, 5) == whole);
}

TEST_CASE("a head has an end within its bound")
{
    const std::size_t over = GENERATE(0, 1);
    const std::string fixed = "Content-Disposition: form-data; name=\"a\"\r\nX: \r\n\r\n";
    const std::string filler(MultipartDecoder::most_head_bytes - fixed.size() + over, 'x');
    std::string body = "--XX\r\n" + fixed + "data\r\n--XX--";
    body.insert(body.find("X: ") + 3, filler);
    const Decoded decoded = decode(body, GENERATE(1, 4096, 1'000'000));
    CHECK(decoded.failure.empty() == (over == 0));
    CHECK(decoded.parts.size() == 1 - over);
}

TEST_CASE("a head without an end is refused before it is all there")
{
    Parts parts;
    MultipartDecoder decoder("XX");
    REQUIRE(decoder.feed("--XX\r\n", parts));
    REQUIRE(decoder.feed(std::string(MultipartDecoder::most_head_bytes, 'x'), parts));
    CHECK_FALSE(decoder.feed("x", parts));
}

TEST_CASE("what is outside of the parts has a bound")
{
    const std::string filler(MultipartDecoder::most_outside_bytes, 'x');
    const std::size_t piece = GENERATE(1, 4096, 1'000'000);
    CHECK_FALSE(decode(filler + "\r\n" + written({}), piece).failure.empty());
    CHECK(decode(filler.substr(2) + "\r\n" + written({}), piece).failure.empty());
    CHECK(decode("--XX--" + filler, piece).failure.empty());
    CHECK_FALSE(decode("--XX--x" + filler, piece).failure.empty());
}

TEST_CASE("a thousand parts are taken, and no more")
{
    std::vector<Told> parts(MultipartDecoder::most_parts, file("a", "b"));
    CHECK((decode({written(parts)}).parts == parts));
    parts.push_back(file("a", "b"));
    const Decoded decoded = decode({written(parts)});
    CHECK(decoded.failure == "the form has too many parts");
    CHECK(decoded.parts.size() == MultipartDecoder::most_parts);
}

TEST_CASE("an error of whoever takes the parts ends the decoding")
{
    class Refusing : public Parts {
       public:
        explicit Refusing(int at) : at_(at) {}
        Result<void> on_part(const MultipartPart& part) override { return answer(0, Parts::on_part(part)); }
        Result<void> on_data(std::string_view bytes) override { return answer(1, Parts::on_data(bytes)); }
        Result<void> on_end() override { return answer(2, Parts::on_end()); }

       private:
        Result<void> answer(int kind, Result<void> otherwise) const
        {
            return kind == at_ ? Result<void>(Error(Errc::unavailable, "the disk is full")) : std::move(otherwise);
        }
        int at_;
    };
    Refusing sink(GENERATE(0, 1, 2));
    MultipartDecoder decoder("XX");
    const std::string body = written({file("a", "b"), file("c", "d")});
    const Error expected(Errc::unavailable, "the disk is full");
    CHECK(decoder.feed(body, sink).error() == expected);
    CHECK(decoder.feed(body, sink).error() == expected);
    CHECK(decoder.finish().error() == expected);
    CHECK(sink.told.size() == 1);
}

TEST_CASE("data of carriage returns alone is passed on in large runs")
{
    class Counting : public MultipartSink {
       public:
        Result<void> on_part(const MultipartPart& /*part*/) override { return {}; }
        Result<void> on_data(std::string_view bytes) override
        {
            ++calls;
            size += bytes.size();
            return {};
        }
        Result<void> on_end() override { return {}; }

        std::size_t calls = 0;
        std::size_t size = 0;
    };
    Counting sink;
    MultipartDecoder decoder("XX");
    REQUIRE(decoder.feed(head, sink));
    REQUIRE(decoder.feed(std::string(1'000'000, '\r'), sink));
    REQUIRE(decoder.feed("\r\n--XX--", sink));
    REQUIRE(decoder.finish());
    CHECK(sink.size == 1'000'000);
    CHECK(sink.calls < 50);
}
