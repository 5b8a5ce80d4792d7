#include "catch.hpp"

#include "daemon/http/access_rules.hpp"

using namespace sbx::daemon;

namespace {

http::fields with(http::field name, const std::vector<std::string>& values)
{
    http::fields fields;
    for (const std::string& value : values) fields.insert(name, value);
    return fields;
}

AccessRules rules()
{
    AccessRules rules;
    rules.port = 8000;
    rules.hosts = {"sbx.example", "other.example:8443"};
    rules.domains = {"boxes.example"};
    rules.allowed_origins = {"https://app.example"};
    return rules;
}

bool is_served(const AccessRules& rules, const std::vector<std::string>& hosts)
{
    const auto refusal = check_host(rules, with(http::field::host, hosts));
    if (refusal) CHECK(refusal->status == 421);
    if (refusal) CHECK(refusal->event == std::string("host_refused"));
    return !refusal;
}

bool is_allowed(const std::string& host, const std::vector<std::string>& origins)
{
    http::fields fields = with(http::field::origin, origins);
    fields.insert(http::field::host, host);
    const auto refusal = check_origin(rules(), fields);
    if (refusal) CHECK(refusal->status == 403);
    if (refusal) CHECK(refusal->event == std::string("origin_refused"));
    return !refusal;
}

}  // namespace

TEST_CASE("a listener serves its own names")
{
    const std::string host =
        GENERATE(as<std::string>(), "127.0.0.1:8000", "localhost:8000", "LocalHost:8000", "[::1]:8000", "sbx.example",
                 "SBX.example", "sbx.example:1234", "other.example:8443", "3000-abc.boxes.example",
                 "3000-abc.boxes.example:8000", "1-a-b_c.BOXES.example");
    CAPTURE(host);
    CHECK(is_served(rules(), {host}));
}

TEST_CASE("any other name is refused, as a page may have made it one of ours")
{
    const std::string host = GENERATE(
        as<std::string>(), "", "127.0.0.1", "localhost", "[::1]", "127.0.0.1:8001", "127.0.0.1:80000",
        "127.0.0.1:08000x", "127.0.0.1:", "localhost:8000:8000", "localhost.:8000", "127.1:8000", "2130706433:8000",
        "127.0.0.2:8000", "0.0.0.0:8000", "::1:8000", "[::1]8000", "[::2]:8000", "[::1:8000", "evil.example",
        "evil.example:8000", "127.0.0.1.evil.example:8000", "localhost.evil.example:8000",
        "127.0.0.1:8000@evil.example", "user@127.0.0.1:8000", "127.0.0.1:8000, evil.example", "other.example",
        "other.example:8000", "a.sbx.example", "boxes.example", ".boxes.example", "abc.boxes.example",
        "-abc.boxes.example", "3000-.boxes.example", "300000-abc.boxes.example", "30x0-abc.boxes.example",
        "3000-a.b.boxes.example", "3000-abc.boxes.example.evil", "3000-abcboxes.example", ":8000");
    CAPTURE(host);
    CHECK_FALSE(is_served(rules(), {host}));
}

TEST_CASE("there is exactly one Host")
{
    CHECK_FALSE(is_served(rules(), {}));
    CHECK_FALSE(is_served(rules(), {"localhost:8000", "localhost:8000"}));
    CHECK_FALSE(is_served(rules(), {"localhost:8000", "evil.example"}));
}

TEST_CASE("a port that clients leave out may be left out")
{
    AccessRules standard;
    standard.port = GENERATE(80, 443);
    CHECK(is_served(standard, {"localhost"}));
    CHECK(is_served(standard, {"[::1]"}));
    CHECK(is_served(standard, {"localhost:" + std::to_string(standard.port)}));
    CHECK_FALSE(is_served(standard, {"localhost:8000"}));
}

TEST_CASE("a Unix socket has any name, but one")
{
    const AccessRules local;
    CHECK(is_served(local, {"docker"}));
    CHECK(is_served(local, {"localhost"}));
    CHECK_FALSE(is_served(local, {}));
    CHECK_FALSE(is_served(local, {"a", "a"}));
}

TEST_CASE("pages of the same origin and of those that are allowed may go on")
{
    CHECK(is_allowed("localhost:8000", {}));
    const auto [host, origin] = GENERATE(table<std::string, std::string>({
        {"localhost:8000", "http://localhost:8000"},
        {"localhost:8000", "https://localhost:8000"},
        {"LOCALHOST:8000", "http://localhost:8000"},
        {"[::1]:8000", "http://[::1]:8000"},
        {"sbx.example", "https://sbx.example"},
        {"sbx.example:443", "https://sbx.example"},
        {"sbx.example", "https://sbx.example:443"},
        {"localhost:8000", "https://app.example"},
    }));
    CAPTURE(host, origin);
    CHECK(is_allowed(host, {origin}));
}

TEST_CASE("other pages are refused")
{
    const std::string origin =
        GENERATE(as<std::string>(), "", "null", "http://evil.example", "http://localhost", "http://localhost:8001",
                 "http://127.0.0.1:8000", "localhost:8000", "//localhost:8000", "file://", "ws://localhost:8000",
                 "http://", "http:///", "http://localhost:8000.evil.example", "http://localhost:8000/",
                 "http://localhost:8000@evil.example", "http://evil.example/localhost:8000", "http://app.example",
                 "https://APP.example", "https://app.example.evil", "http://localhost:8000 http://evil.example", "*");
    CAPTURE(origin);
    CHECK_FALSE(is_allowed("localhost:8000", {origin}));
}

TEST_CASE("a page without an origin cannot be allowed, as anybody's may be one")
{
    AccessRules all = rules();
    all.allowed_origins.emplace_back("null");
    http::fields fields = with(http::field::origin, {"null"});
    fields.insert(http::field::host, "localhost:8000");
    CHECK(check_origin(all, fields));
}

TEST_CASE("a page of a sandbox uses its own port alone")
{
    const std::string own = "3000-abc.boxes.example:8000";
    CHECK(is_allowed(own, {"http://3000-abc.boxes.example:8000"}));
    const std::string other =
        GENERATE(as<std::string>(), "localhost:8000", "sbx.example", "3001-abc.boxes.example:8000",
                 "3000-abd.boxes.example:8000", "3000-abc.boxes.example:8001");
    CAPTURE(other);
    CHECK_FALSE(is_allowed(other, {"http://" + own}));
    CHECK_FALSE(is_allowed(own, {"http://" + other}));
}

TEST_CASE("a Host names a port, or the daemon")
{
    const auto port = named_port(rules(), with(http::field::host, {"3000-Abc.Boxes.example:8000"}));
    REQUIRE(port);
    CHECK(*port == PortName{3000, "abc"});
    for (const char* host : {"localhost:8000", "sbx.example", "3000-abc.localhost:8000", "boxes.example", ""})
        CHECK_FALSE(named_port(rules(), with(http::field::host, {host})));
    CHECK_FALSE(named_port(AccessRules(), with(http::field::host, {"3000-abc.boxes.example"})));
}

TEST_CASE("more than one Origin is refused")
{
    CHECK_FALSE(is_allowed("localhost:8000", {"http://localhost:8000", "http://localhost:8000"}));
}

TEST_CASE("a JSON body is what a page cannot send unasked")
{
    const auto [type, expected] = GENERATE(table<std::string, bool>({
        {"application/json", true},
        {"Application/JSON", true},
        {"application/json; charset=utf-8", true},
        {"application/json ;charset=utf-8", true},
        {"application/vnd.api+json", true},
        {"application/merge-patch+json;q=1", true},
        {"", false},
        {"text/plain", false},
        {"text/json", false},
        {"text/plain; application/json", false},
        {"text/plain, application/json", false},
        {"application/jsonx", false},
        {"application/x-www-form-urlencoded", false},
        {"multipart/form-data; boundary=+json", false},
        {"application/+json", false},
    }));
    CAPTURE(type);
    CHECK(is_json(with(http::field::content_type, {type})) == expected);
    CHECK_FALSE(is_json(with(http::field::content_type, {type, type})));
    CHECK_FALSE(is_json(http::fields()));
}
