#include "catch.hpp"

#include "daemon/ports/redirection.hpp"

using namespace sbx::daemon;

namespace {

PortRoute by_name()
{
    PortRoute route;
    route.name = {3000, "abc"};
    route.target = "/a/b?c";
    route.host = "3000-abc.localhost:8000";
    return route;
}

PortRoute by_path()
{
    PortRoute route = by_name();
    route.prefix = "/p/3000";
    route.host = "localhost:8000";
    return route;
}

std::string led(const std::string& location, const PortRoute& route)
{
    return redirection(location, route).value_or("nowhere");
}

}  // namespace

TEST_CASE("by path a redirection goes on leading to the program")
{
    const auto [location, place] = GENERATE(table<std::string, std::string>({
        {"/login", "/p/3000/login"},
        {"/login?next=/a#top", "/p/3000/login?next=/a#top"},
        {"login", "/p/3000/a/login"},
        {"./", "/p/3000/a/"},
        {"?d", "/p/3000/a/b?d"},
        {"#e", "/p/3000/a/b#e"},
        {"../x", "/p/3000/x"},
        {"/p/3000/x", "/p/3000/x"},
        {"/p/3000", "/p/3000"},
        {"/p/30001", "/p/3000/p/30001"},
        {"http://localhost:8000/x", "/p/3000/x"},
        {"https://LOCALHOST:8000", "/p/3000/"},
        {"//localhost:8000/x", "/p/3000/x"},
        {"http://localhost:3000/x?y", "/p/3000/x?y"},
        {"http://127.0.0.1:3000/x", "/p/3000/x"},
    }));
    CAPTURE(location);
    CHECK(led(location, by_path()) == place);
}

TEST_CASE("by path a redirection does not lead to other routes")
{
    const auto [location, place] = GENERATE(table<std::string, std::string>({
        {"/v1/executions", "/p/3000/v1/executions"},
        {"../../../../v1/executions", "/p/3000/v1/executions"},
        {"/../v1/executions", "/p/3000/v1/executions"},
        {"/%2e%2E/.%2e/v1", "/p/3000/v1"},
        {"/p/3000/../../v1", "/p/3000/v1"},
        {"/p/3000/%2e%2e/x", "/p/3000/p/x"},
        {"/a/..", "/p/3000/"},
        {"http://localhost:8000/../v1", "/p/3000/v1"},
        {"http://user@localhost:8000/v1", "/p/3000/v1"},
        {"http:/v1/executions", "nowhere"},
        {"HTTP:v1", "nowhere"},
        {"/\\evil.example", "nowhere"},
        {"/a b", "nowhere"},
        {"", "/p/3000/a/b"},
    }));
    CAPTURE(location);
    CHECK(led(location, by_path()) == place);
}

TEST_CASE("by name a redirection is the program's own, but for where only itself would find it")
{
    const auto [location, place] = GENERATE(table<std::string, std::string>({
        {"/login", "/login"},
        {"../x?y", "../x?y"},
        {"http://3000-abc.localhost:8000/x", "http://3000-abc.localhost:8000/x"},
        {"http://localhost:3000/x?y", "/x?y"},
        {"http://127.0.0.1:3000", "/"},
        {"http://127.0.0.1:3000//evil.example", "nowhere"},
        {"https://elsewhere.example/", "https://elsewhere.example/"},
    }));
    CAPTURE(location);
    CHECK(led(location, by_name()) == place);
}

TEST_CASE("a client who has shown a key is sent to no other server")
{
    PortRoute route = GENERATE(by_name(), by_path());
    const std::string location =
        GENERATE(as<std::string>(), "https://evil.example/", "//evil.example/", "http://localhost:8001/", "ftp://x/y",
                 "http://3000-abc.localhost:8000@evil.example/", "javascript:alert(1)");
    CAPTURE(location, route.prefix);
    CHECK(led(location, route) == location);
    route.key = "secret";
    CHECK(led(location, route) == "nowhere");
    CHECK(led("/x", route) != "nowhere");
}

TEST_CASE("a client who has shown a key goes on with the scheme it has")
{
    PortRoute route = by_name();
    const std::string location = "http://" + route.host + "/x?y";
    CHECK(led(location, route) == location);
    route.key = "secret";
    CHECK(led(location, route) == "/x?y");
}
