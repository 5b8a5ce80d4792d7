#include "catch.hpp"

#include "daemon/http/head_scan.hpp"

using namespace sbx::daemon;

namespace {

using State = HeadScan::State;

const HttpLimits limits;

HeadScan scan(std::string_view bytes)
{
    HeadScan scan(limits);
    scan.feed(bytes);
    return scan;
}

std::string get(const std::string& fields)
{
    return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string post(const std::string& fields)
{
    return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

}  // namespace

TEST_CASE("a head is read, whatever pieces it arrives in")
{
    const std::string head =
        "POST /a%20b?c=d HTTP/1.1\r\nHost: localhost:8000\r\nX-Empty:\r\nX-Blank: \t v w \t\r\n"
        "Content-Length: 12\r\n\r\n";
    const std::size_t step = GENERATE(1, 2, 3, 7, 1000);
    HeadScan scan(limits);
    for (std::size_t n = step; n < head.size(); n += step) REQUIRE(scan.feed(head.substr(0, n)) == State::need_more);
    REQUIRE(scan.feed(head + "the body") == State::complete);
    CHECK(scan.size() == head.size());
    CHECK(scan.head().method == http::verb::post);
    CHECK(scan.head().target == "/a%20b?c=d");
    CHECK(scan.head().fields["host"] == "localhost:8000");
    CHECK(scan.head().fields["x-empty"] == "");
    CHECK(scan.head().fields["x-blank"] == "v w");
    CHECK(scan.head().framing.length == 12);
    CHECK(scan.head().framing.keep_alive);
}

TEST_CASE("a malformed head is refused")
{
    const auto [status, head] = GENERATE(table<unsigned, std::string>({
        {400, "GET / HTTP/1.1\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\rHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"},
        {400, "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, get("X: a\nY: b\r\n")},
        {400, get("X: a\rY: b\r\n")},
        {400, get(std::string("X: a\0b\r\n", 8))},
        {400, get("X: a\x01"
                  "b\r\n")},
        {400, get("X: a\x7F"
                  "b\r\n")},
        {400, get(std::string("X\0: b\r\n", 7))},
        {400, get(" folded: b\r\n")},
        {400, get("X: a\r\n folded\r\n")},
        {400, get("X: a\r\n\tfolded\r\n")},
        {400, get("X : a\r\n")},
        {400, get("X\t: a\r\n")},
        {400, get(": a\r\n")},
        {400, get("no colon\r\n")},
        {400, get("X(y): a\r\n")},
        {400, get("X\xC3\xA9: a\r\n")},
        {400, "GET /\r\n\r\n"},
        {400, "GET\r\n\r\n"},
        {400, "\r\n\r\n"},
        {400, "GET / HTTP/1.0\r\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.11\r\nHost: a\r\n\r\n"},
        {400, "GET / http/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
        {400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, " GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET //a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        {400, "\x16\x03\x01\x02"},
        {400, "SSH-2.0-OpenSSH_9.2\r\n"},
        {405, "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {405, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {405, "PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {405, "get / HTTP/1.1\r\nHost: a\r\n\r\n"},
    }));
    CAPTURE(head);
    const HeadScan scanned = scan(head);
    REQUIRE(scanned.state() == State::refused);
    CHECK(scanned.refusal().status == status);
    CHECK(scanned.refusal().event == std::string("protocol_error"));
}

TEST_CASE("framing that two servers could take differently is refused")
{
    const auto [status, head] = GENERATE(table<unsigned, std::string>({
        {400, post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")},
        {400, post("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n")},
        {400, post("Content-Length: 1\r\nContent-Length: 1\r\n")},
        {400, post("Content-Length: 1\r\ncontent-length: 2\r\n")},
        {400, post("Content-Length: 1, 1\r\n")},
        {400, post("Content-Length: +1\r\n")},
        {400, post("Content-Length: -1\r\n")},
        {400, post("Content-Length: 1 1\r\n")},
        {400, post("Content-Length: 0x1\r\n")},
        {400, post("Content-Length: 1a\r\n")},
        {400, post("Content-Length:\r\n")},
        {400, post("Content-Length: \xD9\xA1\r\n")},
        {413, post("Content-Length: 99999999999999999999\r\n")},
        {400, post("Transfer-Encoding: gzip\r\n")},
        {400, post("Transfer-Encoding: gzip, chunked\r\n")},
        {400, post("Transfer-Encoding: chunked, chunked\r\n")},
        {400, post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
        {400, post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")},
        {400, post("Transfer-Encoding: xchunked\r\n")},
        {400, post("Transfer-Encoding: chunked;q=1\r\n")},
        {400, post("Transfer-Encoding: identity\r\n")},
        {400, post("Transfer-Encoding:\r\n")},
        {400, post("Transfer-Encoding: \x0B"
                   "chunked\r\n")},
        {400, get("Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n")},
        {400, get("Connection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n")},
        {417, post("Content-Length: 1\r\nExpect: magic\r\n")},
        {417, post("Content-Length: 1\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n")},
    }));
    CAPTURE(head);
    const HeadScan scanned = scan(head);
    REQUIRE(scanned.state() == State::refused);
    CHECK(scanned.refusal().status == status);
}

TEST_CASE("how a body ends and what becomes of the connection is read off the fields")
{
    const auto framing_of = [](const std::string& head) {
        HeadScan scanned = scan(head);
        REQUIRE(scanned.state() == State::complete);
        return scanned.head().framing;
    };
    CHECK_FALSE(framing_of(get("")).has_body());
    CHECK(framing_of(post("Content-Length: 007\r\n")).length == 7);
    CHECK(framing_of(post("Transfer-Encoding: ChunkeD \r\n")).chunked);
    CHECK_FALSE(framing_of(get("Connection: Close\r\n")).keep_alive);
    CHECK_FALSE(framing_of(get("Connection: a, close ,b\r\n")).keep_alive);
    CHECK_FALSE(framing_of(get("Connection: keep-alive\r\nConnection: close\r\n")).keep_alive);
    CHECK(framing_of(get("Connection: closed\r\n")).keep_alive);
    CHECK(framing_of(get("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n")).upgrades);
    CHECK_FALSE(framing_of(get("Upgrade: websocket\r\n")).upgrades);
    CHECK(framing_of(get("Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n")).upgrades);
    CHECK(framing_of(post("Content-Length: 1\r\nExpect: 100-Continue\r\n")).expects_continue);
    CHECK_FALSE(framing_of(get("Expect: 100-continue\r\n")).expects_continue);
}

TEST_CASE("a head has room up to its limits and no further")
{
    const auto state_of = [](const std::string& head) { return scan(head).state(); };
    const auto status_of = [](const std::string& head) {
        const HeadScan scanned = scan(head);
        REQUIRE(scanned.state() == State::refused);
        return scanned.refusal().status;
    };
    const auto with_target = [](std::size_t n) {
        return "GET /" + std::string(n - 1, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
    };
    CHECK(state_of(with_target(limits.target_bytes)) == State::complete);
    CHECK(status_of(with_target(limits.target_bytes + 1)) == 414);
    CHECK(status_of("GET /" + std::string(20'000, 'a')) == 414);

    std::string fields;
    for (std::size_t i = 1; i < limits.head_fields; ++i) fields += "X: y\r\n";
    CHECK(state_of(get(fields)) == State::complete);
    CHECK(status_of(get(fields + "X: y\r\n")) == 431);

    const std::size_t rest = get("X: \r\n").size();
    CHECK(state_of(get("X: " + std::string(limits.head_bytes - rest, 'y') + "\r\n")) == State::complete);
    CHECK(status_of(get("X: " + std::string(limits.head_bytes - rest + 1, 'y') + "\r\n")) == 431);
    CHECK(status_of("GET / HTTP/1.1\r\nX: " + std::string(limits.head_bytes, 'y')) == 431);
    CHECK(status_of(std::string(100'000, 'A')) == 414);
}

TEST_CASE("a wrong byte is refused without waiting for the rest of its line")
{
    CHECK(scan("GET / HTTP/1.1\r\nX: a\x01").state() == State::refused);
    CHECK(scan("GET / HTTP/1.1\r\nX: a\n").state() == State::refused);
    CHECK(scan("GET / HTTP/1.1\r\nX: a\rb").state() == State::refused);
    CHECK(scan("GET / HTTP/1.1\r\nX: a\r").state() == State::need_more);
}
