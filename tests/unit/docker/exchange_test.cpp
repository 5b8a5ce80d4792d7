#include "core/docker/client.hpp"

#include "catch.hpp"

using sbx::docker::Request;
namespace http = boost::beast::http;

TEST_CASE("a request is one head and its body")
{
    const Request get(http::verb::get, "/info");
    CHECK(sbx::docker::render(get, "1.41", "docker") ==
          "GET /v1.41/info HTTP/1.1\r\nHost: docker\r\nUser-Agent: sbx\r\n\r\n");
    const Request post(http::verb::post, "/containers/create?name=a", "{}");
    CHECK(sbx::docker::render(post, "", "h:1") ==
          "POST /containers/create?name=a HTTP/1.1\r\nHost: h:1\r\nUser-Agent: sbx\r\n"
          "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
    const Request empty(http::verb::post, "/x");
    CHECK(sbx::docker::render(empty, "", "h").find("Content-Length: 0\r\n") != std::string::npos);
}

TEST_CASE("the Host header names the machine and its port, an IPv6 address in brackets")
{
    CHECK(sbx::docker::host_header(*sbx::docker::parse_host("tcp://far:1234", nullptr)) == "far:1234");
    CHECK(sbx::docker::host_header(*sbx::docker::parse_host("tcp://[::1]", nullptr)) == "[::1]:2375");
    CHECK(sbx::docker::host_header(*sbx::docker::parse_host("unix:///s", nullptr)) == "docker");
    CHECK(sbx::docker::host_header(*sbx::docker::parse_host("ssh://far", nullptr)) == "docker");
}

TEST_CASE("values in a target are encoded so that they stay one value")
{
    CHECK(sbx::docker::encoded("a/b?c&d=e f%\r\n") == "a%2Fb%3Fc%26d%3De%20f%25%0D%0A");
}

TEST_CASE("the API version is the newest that both sides know")
{
    CHECK(*sbx::docker::choose_api_version("1.41") == "1.41");
    CHECK(*sbx::docker::choose_api_version("1.44") == "1.44");
    CHECK(*sbx::docker::choose_api_version("1.51") == "1.51");
    CHECK(*sbx::docker::choose_api_version("1.99") == "1.51");
    CHECK(*sbx::docker::choose_api_version("2.0") == "1.51");
}

TEST_CASE("an engine that is too old, or says nothing of its version, is refused")
{
    const std::string offered = GENERATE("1.40", "1.9", "0.99", "", "garbage", "-1.50");
    const auto version = sbx::docker::choose_api_version(offered);
    REQUIRE_FALSE(version);
    CHECK(version.error().code == sbx::Errc::unavailable);
    CHECK(version.error().message.find("too old") != std::string::npos);
}
