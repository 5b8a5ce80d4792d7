#include "catch.hpp"

#include "daemon/ports/forwarded_request.hpp"

using namespace sbx::daemon;

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

RequestHead head_with(const Fields& fields)
{
    RequestHead head;
    head.method = http::verb::post;
    head.peer = Peer{Peer::Kind::loopback, "127.0.0.1"};
    head.fields.insert("Host", "3000-abc.localhost:8000");
    for (const auto& [name, value] : fields) head.fields.insert(name, value);
    return head;
}

PortRoute by_name()
{
    PortRoute route;
    route.name = {3000, "abc"};
    route.target = "/a%2Fb?c=%00";
    route.host = "3000-abc.localhost:8000";
    return route;
}

PortRoute by_path()
{
    PortRoute route = by_name();
    route.prefix = "/v1/sandboxes/abc/ports/3000";
    route.host = "localhost:8000";
    return route;
}

std::string all_of(const http::fields& fields, const std::string& name)
{
    std::string all;
    const auto [first, last] = fields.equal_range(name);
    std::for_each(first, last, [&](const auto& field) {
        all += (all.empty() ? "" : "|") + std::string(field.value().data(), field.value().size());
    });
    return all;
}

}  // namespace

TEST_CASE("a program gets the target as it was sent, and the client's own fields")
{
    const auto request =
        forwarded_request(head_with({{"Accept", "a"}, {"Accept", "b"}, {"X-Own", "1"}, {"Cookie", "c=1"}}), by_name());
    CHECK(request.method() == http::verb::post);
    CHECK(request.target() == "/a%2Fb?c=%00");
    CHECK(request.version() == 11);
    CHECK(all_of(request, "Accept") == "a|b");
    CHECK(all_of(request, "X-Own") == "1");
    CHECK(all_of(request, "Cookie") == "c=1");
    CHECK(all_of(request, "Host") == "3000-abc.localhost:8000");
    CHECK(all_of(request, "Connection") == "close");
}

TEST_CASE("fields for this connection alone stay here")
{
    const auto request = forwarded_request(head_with({{"Connection", "keep-alive, X-Hop"},
                                                      {"Connection", "x-other ,Host,Content-Length"},
                                                      {"X-Hop", "1"},
                                                      {"X-OTHER", "1"},
                                                      {"Keep-Alive", "1"},
                                                      {"Proxy-Authorization", "Basic x"},
                                                      {"Proxy-Anything", "1"},
                                                      {"TE", "trailers"},
                                                      {"Trailer", "X"},
                                                      {"Upgrade", "websocket"},
                                                      {"Expect", "100-continue"},
                                                      {"HTTP2-Settings", "x"},
                                                      {"Content-Length", "5"}}),
                                           by_name());
    for (const char* name : {"X-Hop", "X-Other", "Keep-Alive", "Proxy-Authorization", "Proxy-Anything", "TE", "Trailer",
                             "Upgrade", "Expect", "HTTP2-Settings"}) {
        CAPTURE(name);
        CHECK(request.count(name) == 0);
    }
    CHECK(all_of(request, "Content-Length") == "5");
    CHECK(all_of(request, "Host") == "3000-abc.localhost:8000");
    const auto chunked = forwarded_request(head_with({{"Transfer-Encoding", "chunked"}}), by_name());
    CHECK(all_of(chunked, "Transfer-Encoding") == "chunked");
}

TEST_CASE("an upgrade is passed on")
{
    PortRoute route = by_name();
    route.upgrades = true;
    const auto request = forwarded_request(
        head_with({{"Connection", "Upgrade"}, {"Upgrade", "websocket"}, {"Sec-WebSocket-Key", "k"}}), route);
    CHECK(all_of(request, "Connection") == "Upgrade");
    CHECK(all_of(request, "Upgrade") == "websocket");
    CHECK(all_of(request, "Sec-WebSocket-Key") == "k");
}

TEST_CASE("keys of the daemon stay here, the program's own go on")
{
    const auto [name, value, goes_on] = GENERATE(table<std::string, std::string, bool>({
        {"Authorization", "Bearer sbx_abc", false},
        {"authorization", "bearer   sbx_abc", false},
        {"Authorization", "Bearer the-shown-key", false},
        {"Authorization", "Bearer other", true},
        {"Authorization", "Basic dXNlcjpwYXNz", true},
        {"Authorization", "Bearer", true},
        {"X-API-Key", "sbx_abc", false},
        {"x-api-key", "the-shown-key", false},
        {"X-API-Key", "other", true},
    }));
    CAPTURE(name, value);
    PortRoute route = by_name();
    route.key = "the-shown-key";
    CHECK(forwarded_request(head_with({{name, value}}), route).count(name) == (goes_on ? 1U : 0U));
    const auto both = forwarded_request(head_with({{"X-API-Key", "sbx_abc"}, {name, value}, {name, "sbx_a"}}), route);
    CHECK(all_of(both, name).find("the-shown-key") == std::string::npos);
    CHECK(all_of(both, "X-API-Key").find("sbx_") == std::string::npos);
}

TEST_CASE("by path there are no cookies")
{
    CHECK(forwarded_request(head_with({{"Cookie", "a=1"}, {"cookie", "b=2"}}), by_path()).count("Cookie") == 0);
}

TEST_CASE("a program is told who asks, and for what")
{
    RequestHead head = head_with({{"X-Forwarded-For", "10.0.0.1"},
                                  {"X-Forwarded-Host", "evil.example"},
                                  {"X-Forwarded-Prefix", "/evil"},
                                  {"Forwarded", "for=evil"}});
    const auto named = forwarded_request(head, by_name());
    CHECK(all_of(named, "X-Forwarded-For") == "10.0.0.1, 127.0.0.1");
    CHECK(all_of(named, "X-Forwarded-Host") == "3000-abc.localhost:8000");
    CHECK(all_of(named, "X-Forwarded-Proto") == "http");
    CHECK(named.count("X-Forwarded-Prefix") == 0);
    CHECK(named.count("Forwarded") == 0);
    const auto pathed = forwarded_request(head, by_path());
    CHECK(all_of(pathed, "X-Forwarded-Host") == "localhost:8000");
    CHECK(all_of(pathed, "X-Forwarded-Prefix") == "/v1/sandboxes/abc/ports/3000");
    head.is_encrypted = true;
    CHECK(all_of(forwarded_request(head, by_path()), "X-Forwarded-Proto") == "https");
    head.peer = Peer{Peer::Kind::owner, ""};
    CHECK(all_of(forwarded_request(head, by_path()), "X-Forwarded-For") == "10.0.0.1");
    CHECK(all_of(forwarded_request(head_with({{"X-Forwarded-Proto", "https"}}), by_name()), "X-Forwarded-Proto") ==
          "https");
    CHECK(all_of(forwarded_request(head_with({{"X-Forwarded-Proto", "gopher"}}), by_name()), "X-Forwarded-Proto") ==
          "http");
}

TEST_CASE("what follows a prefix is left as it is")
{
    const auto [target, rest] = GENERATE(table<std::string, std::string>({
        {"/v1/sandboxes/abc/ports/3000/", "/"},
        {"/v1/sandboxes/abc/ports/3000/a%2Fb//c?d=/e", "/a%2Fb//c?d=/e"},
        {"/v1/sandboxes/abc/ports/3000//", "//"},
        {"/v1/sandboxes/abc/ports/3000/?", "/?"},
        {"/v1/sandboxes/abc/ports/3000?a=/", ""},
        {"/", ""},
    }));
    CHECK(target_after(target, 5) == rest);
}

TEST_CASE("a page of another site shows itself")
{
    const auto [site, mode, is_other] = GENERATE(table<std::string, std::string, bool>({
        {"cross-site", "no-cors", true},
        {"same-site", "no-cors", true},
        {"cross-site", "navigate", false},
        {"same-origin", "no-cors", false},
        {"none", "navigate", false},
        {"", "", false},
    }));
    CAPTURE(site, mode);
    CHECK(is_sent_by_other_site(head_with({{"Sec-Fetch-Site", site}, {"Sec-Fetch-Mode", mode}}).fields) == is_other);
}

TEST_CASE("a service worker shows itself")
{
    CHECK(wants_service_worker(head_with({{"Service-Worker", "script"}}).fields));
    CHECK(wants_service_worker(head_with({{"Sec-Fetch-Dest", "serviceworker"}}).fields));
    CHECK_FALSE(wants_service_worker(head_with({{"Sec-Fetch-Dest", "script"}}).fields));
}
