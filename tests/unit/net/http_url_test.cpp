#include "core/net/http_url.hpp"

#include "catch.hpp"

using sbx::Errc;
using sbx::HttpUrl;
using sbx::parse_http_url;

namespace {

HttpUrl sound(std::string_view text)
{
    const auto url = parse_http_url("BACKEND_URL", text);
    REQUIRE(url);
    return *url;
}

std::string flaw(std::string_view text)
{
    const auto url = parse_http_url("BACKEND_URL", text);
    REQUIRE_FALSE(url);
    CHECK(url.error().code == Errc::invalid_argument);
    return url.error().message;
}

}  // namespace

TEST_CASE("a URL names a server, and where its paths begin")
{
    CHECK(sound("http://backend:8000") == HttpUrl{false, "backend", 8000, "", ""});
    CHECK(sound("https://Api.Example.ORG./v1//") == HttpUrl{true, "api.example.org", 443, "/v1", ""});
    CHECK(sound("http://brain_net/") == HttpUrl{false, "brain_net", 80, "", ""});
    CHECK(sound("http://127.0.0.1:/a%20b").path == "/a%20b");
    CHECK(sound("http://[::1]:8080").host == "::1");
}

TEST_CASE("a place is shown as it is written")
{
    CHECK(sound("http://backend").place() == "backend:80");
    CHECK(sound("https://[2001:DB8::1]").place() == "[2001:db8::1]:443");
    CHECK(sound("http://user:secret@backend").place() == "backend:80");
}

TEST_CASE("a user and a password are what Basic shows of them")
{
    CHECK(sound("http://Aladdin:open%20sesame@backend").authorization == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK(sound("http://alone@backend").authorization == "Basic YWxvbmU6");
}

TEST_CASE("what is no URL of a server is refused, and not shown")
{
    CHECK(flaw("ftp://backend") == "BACKEND_URL: no URL of a server: its scheme is neither http nor https");
    CHECK(flaw("http://user:secret@backend:99999").find("secret") == std::string::npos);
    const auto text = GENERATE("", "backend", "backend:8000", "http://", "http:///path", "http:backend", "http://a b",
                               "http://backend:0", "http://backend:x", "http://backend?x=1", "http://backend#x",
                               "http://under%00lying", "http://2130706433", "http://a\r\nb");
    CAPTURE(text);
    CHECK_FALSE(flaw(text).empty());
}
