#include "catch.hpp"

#include "daemon/http/answer_head.hpp"
#include "daemon/http/http_date.hpp"
#include "daemon/http/request_id.hpp"

using namespace sbx::daemon;

namespace {

std::string head_of(const Response& response, const AnswerFraming& framing)
{
    std::string out;
    write_head(out, response, framing, "the-id", "the-date");
    return out;
}

}  // namespace

TEST_CASE("every answer has the fields that protect its reader")
{
    AnswerFraming framing;
    framing.kind = AnswerFraming::Kind::length;
    framing.length = 12;
    CHECK(head_of(Response(200, "", "text/plain"), framing) ==
          "HTTP/1.1 200 OK\r\nDate: the-date\r\nX-Request-Id: the-id\r\nX-Content-Type-Options: nosniff\r\n"
          "Cache-Control: no-store\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\n");
}

TEST_CASE("an answer may say how it is cached, but not how it is framed")
{
    Response response(304, "", "");
    response.headers = {{"cache-control", "max-age=5"},
                        {"Content-Length", "9"},
                        {"Transfer-Encoding", "gzip"},
                        {"Connection", "upgrade"},
                        {"X-Bad", "a\r\nSet: b"},
                        {"X Bad", "a"},
                        {"X-Good", "a\tb"}};
    AnswerFraming framing;
    framing.keep_alive = false;
    CHECK(head_of(response, framing) ==
          "HTTP/1.1 304 Not Modified\r\nDate: the-date\r\nX-Request-Id: the-id\r\n"
          "X-Content-Type-Options: nosniff\r\ncache-control: max-age=5\r\nX-Good: a\tb\r\nConnection: close\r\n\r\n");
}

TEST_CASE("an answer that switches has the fields of the protocol")
{
    std::string out;
    write_switch(out, "websocket",
                 {{"Sec-WebSocket-Accept", "x"}, {"Connection", "close"}, {"Content-Length", "3"}, {"A", "b\r\nC: d"}},
                 "the-id");
    CHECK(out ==
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Request-Id: the-id\r\n"
          "Sec-WebSocket-Accept: x\r\n\r\n");
}

TEST_CASE("errors of this layer are JSON")
{
    const Response response = error_answer(421, "this \"host\"", "7");
    CHECK(response.status == 421);
    CHECK(response.body ==
          R"({"error":{"code":"invalid_argument","message":"this \"host\"","hint":null,"request_id":"7"}})");
}

TEST_CASE("the length that an answer tells is a number")
{
    const auto [value, expected] = GENERATE(table<std::string, std::optional<std::uint64_t>>(
        {{"12", 12}, {"0", 0}, {"", std::nullopt}, {"1x", std::nullopt}, {"-1", std::nullopt}}));
    Response response;
    response.headers = {{"content-length", value}};
    CHECK(declared_length(response) == expected);
    CHECK(declared_length(Response()) == std::nullopt);
}

TEST_CASE("a date is written as HTTP wants it")
{
    CHECK(http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST_CASE("request ids differ, in one process and between two")
{
    RequestIds ids;
    RequestIds others;
    const std::string first = ids.next();
    CHECK(first.size() == 32);
    CHECK(first.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(ids.next() != first);
    CHECK(others.next() != first);
}
