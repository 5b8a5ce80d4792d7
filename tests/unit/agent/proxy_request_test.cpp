#include "agent/proxy_request.hpp"

#include "catch.hpp"

using sbx::agent::ProxyRequest;
using sbx::agent::read_proxy_request;
using State = ProxyRequest::State;
using Kind = ProxyRequest::Kind;

namespace {

std::string place(const ProxyRequest& request)
{
    return request.host + " " + std::to_string(request.port);
}

}  // namespace

TEST_CASE("CONNECT names a host and a port, and what follows is the host's")
{
    const std::string head = "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n";
    const ProxyRequest request = read_proxy_request(head + "early", false);
    CHECK(request.state == State::complete);
    CHECK(request.kind == Kind::connect);
    CHECK(place(request) == "a.example 443");
    CHECK(request.used == head.size());
    CHECK(request.early.empty());
    CHECK(place(read_proxy_request("CONNECT [2001:db8::1]:8443 HTTP/1.0\r\n\r\n", false)) == "2001:db8::1 8443");
}

TEST_CASE("a request with an absolute target is passed on in the host's form, for one answer")
{
    const ProxyRequest request = read_proxy_request(
        "POST http://A.example:8080/x?y=http://z/ HTTP/1.1\r\nHost: A.example:8080\r\nProxy-Connection: keep-alive\r\n"
        "connection: keep-alive\r\nProxy-Authorization: secret\r\nContent-Length: 4\r\n\r\nbody",
        false);
    CHECK(request.state == State::complete);
    CHECK(request.kind == Kind::plain);
    CHECK(place(request) == "A.example 8080");
    CHECK(request.early ==
          "POST /x?y=http://z/ HTTP/1.1\r\nHost: A.example:8080\r\nContent-Length: 4\r\nConnection: close\r\n\r\n");
    const ProxyRequest bare = read_proxy_request("GET HTTP://a.example?q HTTP/1.0\r\n\r\n", false);
    CHECK(place(bare) == "a.example 80");
    CHECK(bare.early == "GET /?q HTTP/1.0\r\nConnection: close\r\n\r\n");
}

TEST_CASE("a request may come in pieces")
{
    const std::string whole = "CONNECT a.example:443 HTTP/1.1\r\nHost: x\r\n\r\n";
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK(read_proxy_request(whole.substr(0, size), false).state == State::incomplete);
    CHECK(read_proxy_request(whole, false).state == State::complete);
}

TEST_CASE("what is no request for a proxy is refused")
{
    const std::string text =
        GENERATE(as<std::string>(), "GET / HTTP/1.1\r\n\r\n", "GET https://a.example/ HTTP/1.1\r\n\r\n",
                 "CONNECT\r\n\r\n", "CONNECT a.example HTTP/1.1\r\n\r\n", "CONNECT a.example: HTTP/1.1\r\n\r\n",
                 "CONNECT :80 HTTP/1.1\r\n\r\n", "CONNECT a.example:0 HTTP/1.1\r\n\r\n",
                 "CONNECT a.example:65536 HTTP/1.1\r\n\r\n", "CONNECT a.example:80x HTTP/1.1\r\n\r\n",
                 "CONNECT [::1:80 HTTP/1.1\r\n\r\n", "CONNECT [::1]80 HTTP/1.1\r\n\r\n",
                 "GET http:///x HTTP/1.1\r\n\r\n", "CONNECT a:1 SMTP/1.1\r\n\r\n", "\r\n\r\n", "\x16\x03\x01\r\n\r\n");
    const ProxyRequest request = read_proxy_request(text, false);
    CHECK(request.state == State::refused);
    CHECK(request.reply.starts_with("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_CASE("a request that has no end is refused")
{
    const std::string text(sbx::agent::max_proxy_request, 'x');
    CHECK(read_proxy_request(text.substr(1), false).state == State::incomplete);
    CHECK(read_proxy_request(text, false).state == State::refused);
    CHECK(read_proxy_request("CONNECT " + std::string(256, 'a') + ":80 HTTP/1.1\r\n\r\n", false).state ==
          State::refused);
}

TEST_CASE("SOCKS is greeted, and asks by name or address")
{
    using namespace std::string_literals;
    const ProxyRequest greeting = read_proxy_request("\x05\x02\x02\x00"s, false);
    CHECK(greeting.state == State::answer);
    CHECK(greeting.reply == "\x05\x00"s);
    CHECK(greeting.used == 4);
    CHECK(read_proxy_request("\x05\x02\x02"s, false).state == State::incomplete);
    CHECK(read_proxy_request("\x05\x01\x02"s, false).reply == "\x05\xff"s);
    CHECK(read_proxy_request("\x05\x01\x02"s, false).state == State::refused);

    const ProxyRequest name = read_proxy_request("\x05\x01\x00\x03\x09"s + "a.example\x01\xbbrest", true);
    CHECK(name.state == State::complete);
    CHECK(name.kind == Kind::socks);
    CHECK(place(name) == "a.example 443");
    CHECK(name.used == 16);
    CHECK(place(read_proxy_request("\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50"s, true)) == "192.0.2.1 80");
    const std::string zeros(11, '\0');
    CHECK(place(read_proxy_request("\x05\x01\x00\x04\x20\x01\x0d\xb8"s + zeros + "\x01\x00\x50"s, true)) ==
          "2001:0db8:0000:0000:0000:0000:0000:0001 80");
}

TEST_CASE("SOCKS does nothing but connect")
{
    using namespace std::string_literals;
    const auto [text, code] = GENERATE(table<std::string, int>({
        {"\x05\x02\x00\x01\xc0\x00\x02\x01\x00\x50"s, 7},
        {"\x05\x03\x00\x01\xc0\x00\x02\x01\x00\x50"s, 7},
        {"\x04\x01\x00\x01\xc0\x00\x02\x01\x00\x50"s, 7},
        {"\x05\x01\x00\x02\xc0\x00\x02\x01\x00\x50"s, 8},
        {"\x05\x01\x00\x03\x00\x00\x50"s, 8},
        {"\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x00"s, 8},
    }));
    const ProxyRequest request = read_proxy_request(text, true);
    CHECK(request.state == State::refused);
    CHECK(request.reply.at(1) == code);
}

TEST_CASE("a program is told why there is no connection in the proxy's own way")
{
    CHECK(sbx::agent::proxy_failure(Kind::connect, true, "not allowed").starts_with("HTTP/1.1 403 Forbidden\r\n"));
    CHECK(sbx::agent::proxy_failure(Kind::plain, false, "gone").ends_with("Content-Length: 5\r\n\r\ngone\n"));
    CHECK(sbx::agent::proxy_failure(Kind::socks, true, "").at(1) == 2);
    CHECK(sbx::agent::proxy_failure(Kind::socks, false, "").at(1) == 4);
}
