#include "core/net/egress_list.hpp"

#include "catch.hpp"

using namespace sbx;

namespace {

EgressList list_of(std::initializer_list<const char*> texts)
{
    EgressList list;
    for (const char* text : texts) REQUIRE(list.add(*parse_egress_rule("--allow", text)));
    return list;
}

std::vector<std::string> texts_of(const EgressList& list)
{
    std::vector<std::string> texts;
    for (const EgressRule& rule : list.rules()) texts.push_back(format_egress_rule(rule));
    return texts;
}

}  // namespace

TEST_CASE("a rule is a host and a port; without one it is the web's two")
{
    using Texts = std::vector<std::string>;
    CHECK(texts_of(list_of({"Example.ORG."})) == Texts{"example.org:80", "example.org:443"});
    CHECK(texts_of(list_of({"db.example:5432"})) == Texts{"db.example:5432"});
    CHECK(texts_of(list_of({"*.example:443", "*:22", "host.example:*"})) ==
          Texts{"*.example:443", "*:22", "host.example:*"});
    CHECK(texts_of(list_of({"192.0.2.1:80", "[2001:db8::1]:80", "2001:DB8::2"})) ==
          Texts{"192.0.2.1:80", "[2001:db8::1]:80", "[2001:db8::2]:80", "[2001:db8::2]:443"});
}

TEST_CASE("a rule that is none is refused by its flag")
{
    const std::string text =
        GENERATE(as<std::string>(), "", ":80", "a:", "a:0", "a:65536", "a:-1", "a:http", "a: 80", "a:80:90", "http://a",
                 "a/b", "**.a", "*a", "a.*", "*.", "*.192.0.2.1:80", "bücher.example", "a b", "[::1", "[::1]80", "-a",
                 "localhost", "a.localhost:80", "sandbox");
    const auto rules = parse_egress_rule("--allow", text);
    REQUIRE_FALSE(rules);
    CHECK(rules.error().code == Errc::invalid_argument);
    CHECK(rules.error().message.starts_with("--allow: "));
}

TEST_CASE("only what is listed is allowed")
{
    const EgressList list = list_of({"example.org:443", "*.wild.example:80", "any.example:*", "192.0.2.1:80"});
    CHECK(list.allows("example.org", 443));
    CHECK_FALSE(list.allows("example.org", 80));
    CHECK_FALSE(list.allows("www.example.org", 443));
    CHECK_FALSE(list.allows("badexample.org", 443));
    CHECK(list.allows("a.wild.example", 80));
    CHECK(list.allows("a.b.wild.example", 80));
    CHECK_FALSE(list.allows("wild.example", 80));
    CHECK_FALSE(list.allows(".wild.example", 80));
    CHECK_FALSE(list.allows("evilwild.example", 80));
    CHECK(list.allows("any.example", 1));
    CHECK(list.allows("192.0.2.1", 80));
    CHECK_FALSE(list.allows("192.0.2.2", 80));
    CHECK_FALSE(EgressList().allows("example.org", 443));
    CHECK(list_of({"*:25"}).allows("anything.example", 25));
    CHECK_FALSE(list_of({"*:25"}).allows("anything.example", 26));
}

TEST_CASE("rules are added once and taken away one by one")
{
    EgressList list = list_of({"a.example", "a.example:80", "b.example:1", "*.c.example:80"});
    CHECK(list.rules().size() == 4);
    REQUIRE(list.remove("HOST", "a.example:80"));
    CHECK(list.allows("a.example", 443));
    REQUIRE(list.remove("HOST", "A.EXAMPLE"));
    CHECK_FALSE(list.allows("a.example", 443));
    CHECK(list.remove("HOST", "a.example").error().code == Errc::not_found);
    CHECK(list.remove("HOST", "b.example:2").error().code == Errc::not_found);
    const auto covered = list.remove("HOST", "x.c.example:80");
    CHECK(covered.error() ==
          Error(Errc::not_found, "x.c.example:80 is allowed by *.c.example:80, not by itself", "deny *.c.example:80"));
    CHECK(list.remove("HOST", "?").error().code == Errc::invalid_argument);
}

TEST_CASE("a change is whole or none")
{
    EgressList list = list_of({"a.example:80"});
    CHECK(list.change("HOST", {"b.example:1", "?"}, {}).error().code == Errc::invalid_argument);
    CHECK(list.change("HOST", {}, {"a.example", "c.example"}).error().code == Errc::not_found);
    CHECK(texts_of(list) == std::vector<std::string>{"a.example:80"});
    REQUIRE(list.change("HOST", {"b.example:1"}, {"a.example"}));
    CHECK(texts_of(list) == std::vector<std::string>{"b.example:1"});
}

TEST_CASE("of a URL the host is named that would do")
{
    const auto [text, host] = GENERATE(table<std::string, std::string>({
        {"https://example.org/a?b#c", "example.org"},
        {"http://me@example.org:8080", "example.org:8080"},
        {"ssh://[2001:db8::1]:22/x", "[2001:db8::1]:22"},
    }));
    const auto rules = parse_egress_rule("--allow", text);
    REQUIRE_FALSE(rules);
    CHECK(rules.error().message == "--allow: '" + text + "' is a URL, not HOST or HOST:PORT");
    CHECK(rules.error().hint == "the host alone: " + host);
}

TEST_CASE("a list has an end")
{
    EgressList list;
    for (std::size_t i = 1; i <= most_egress_rules; ++i)
        REQUIRE(list.add({{"a.example", static_cast<std::uint16_t>(i)}}));
    CHECK(list.add({{"a.example", 1}}));
    CHECK(list.add({{"b.example", 1}}).error().code == Errc::resource_exhausted);
    CHECK(list.rules().size() == most_egress_rules);
}

TEST_CASE("a name with a port needs no proxy, everything else does")
{
    CHECK_FALSE(needs_proxy({"a.example", 80}));
    CHECK(needs_proxy({"a.example", 0}));
    CHECK(needs_proxy({"*.example", 80}));
    CHECK(needs_proxy({"*", 80}));
    CHECK(needs_proxy({"192.0.2.1", 80}));
    CHECK(needs_proxy({"2001:db8::1", 80}));
}
