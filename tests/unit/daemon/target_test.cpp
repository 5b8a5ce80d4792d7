#include "catch.hpp"

#include "daemon/http/target.hpp"

using namespace sbx;
using namespace sbx::daemon;

namespace {

using Strings = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

}  // namespace

TEST_CASE("a path is split at its slashes and decoded after that")
{
    const auto [text, path, segments] = GENERATE(table<std::string, std::string, Strings>({
        {"/", "/", {""}},
        {"/a", "/a", {"a"}},
        {"/a/", "/a/", {"a", ""}},
        {"/a//b", "/a//b", {"a", "", "b"}},
        {"/a%2Fb/c", "/a%2Fb/c", {"a/b", "c"}},
        {"/a%2fb", "/a%2fb", {"a/b"}},
        {"/a%252F", "/a%252F", {"a%2F"}},
        {"/a%3Fb?c", "/a%3Fb", {"a?b"}},
        {"/a+b", "/a+b", {"a+b"}},
        {"/a%20b", "/a%20b", {"a b"}},
        {"/%C3%A9/\xC3\xA9", "/%C3%A9/\xC3\xA9", {"\xC3\xA9", "\xC3\xA9"}},
        {"/../.", "/../.", {"..", "."}},
        {"/%2e%2E", "/%2e%2E", {".."}},
        {"/a;b=c", "/a;b=c", {"a;b=c"}},
    }));
    CAPTURE(text);
    const Result<Target> target = parse_target(text);
    REQUIRE(target);
    CHECK(target->path == path);
    CHECK(target->segments == segments);
}

TEST_CASE("a query is split at its ampersands and decoded after that")
{
    const auto [text, query] = GENERATE(table<std::string, Pairs>({
        {"/", {}},
        {"/?", {}},
        {"/?&&", {}},
        {"/?a", {{"a", ""}}},
        {"/?a=", {{"a", ""}}},
        {"/?=b", {{"", "b"}}},
        {"/?a=b=c", {{"a", "b=c"}}},
        {"/?a=b&a=c&d", {{"a", "b"}, {"a", "c"}, {"d", ""}}},
        {"/?a%3D=%26", {{"a=", "&"}}},
        {"/?a=b+c%2Bd", {{"a", "b c+d"}}},
        {"/?a=/x/y?z", {{"a", "/x/y?z"}}},
        {"/?a=%0A%5C", {{"a", "\n\\"}}},
        {"/?a=%25zz", {{"a", "%zz"}}},
    }));
    CAPTURE(text);
    const Result<Target> target = parse_target(text);
    REQUIRE(target);
    CHECK(target->query == query);
}

TEST_CASE("the first value of a name is found")
{
    const Result<Target> target = parse_target("/?a=1&b=2&a=3");
    REQUIRE(target);
    CHECK(target->value("a") == "1");
    CHECK(target->value("b") == "2");
    CHECK(target->value("c") == std::nullopt);
}

TEST_CASE("a target that could mean something else is refused")
{
    const std::string text = GENERATE(as<std::string>(), "", "a", "?a", "/%", "/%4", "/a%4g", "/%g4", "/%%41", "/%00",
                                      "/a%00b", "/%0A", "/%0d", "/%7F", "/%1f", "/a\\b", "/a%5Cb", "/a%5c", "/%ff",
                                      "/\xff", "/%C0%AF", "/%ED%A0%80", "/%C3", "/%C3/%A9", "/%F4%90%80%80", "/?%",
                                      "/?a=%4", "/?a=%00", "/?%00=a", "/?a=%ff", "/?\xff", "/?a=%C3&%A9");
    CAPTURE(text);
    const Result<Target> target = parse_target(text);
    REQUIRE_FALSE(target);
    CHECK(target.error().code == Errc::invalid_argument);
}
