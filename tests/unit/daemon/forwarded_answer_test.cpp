#include "catch.hpp"

#include "daemon/http/ascii.hpp"
#include "daemon/ports/forwarded_answer.hpp"

#include <algorithm>

using namespace sbx::daemon;

namespace {

PortRoute route(const std::string& prefix)
{
    PortRoute route;
    route.name = {3000, "abc"};
    route.target = "/a/b?c";
    route.prefix = prefix;
    route.host = "localhost:8000";
    return route;
}

const std::string prefix = "/v1/sandboxes/abc/ports/3000";

http::fields with(const Headers& headers)
{
    http::fields fields;
    for (const auto& [name, value] : headers) fields.insert(name, value);
    return fields;
}

std::string all_of(const Headers& headers, const std::string& wanted)
{
    std::string all;
    for (const auto& [name, value] : headers)
        if (equals_ignoring_case(name, wanted)) all += (all.empty() ? "" : "|") + value;
    return all;
}

}  // namespace

TEST_CASE("a client gets the program's fields but those of the connection, and those that the server says")
{
    const Headers passed = forwarded_answer(with({{"Content-Type", "text/html"},
                                                  {"Set-Cookie", "a=1"},
                                                  {"Set-Cookie", "b=2"},
                                                  {"Connection", "close, X-Hop"},
                                                  {"X-Hop", "1"},
                                                  {"Keep-Alive", "timeout=5"},
                                                  {"Transfer-Encoding", "chunked"},
                                                  {"Content-Length", "3"},
                                                  {"Trailer", "X"},
                                                  {"Proxy-Authenticate", "Basic"},
                                                  {"Upgrade", "h2c"},
                                                  {"Alt-Svc", "h3=\":1\""},
                                                  {"Date", "now"},
                                                  {"X-Request-Id", "forged"},
                                                  {"Content-Security-Policy", "default-src 'self'"}}),
                                            route(""));
    CHECK(passed.size() == 4);
    CHECK(all_of(passed, "Content-Type") == "text/html");
    CHECK(all_of(passed, "Set-Cookie") == "a=1|b=2");
    CHECK(all_of(passed, "Content-Security-Policy") == "default-src 'self'");
}

TEST_CASE("by path a program cannot touch the API's origin")
{
    const std::string name =
        GENERATE(as<std::string>(), "Set-Cookie", "set-cookie2", "Clear-Site-Data", "Service-Worker-Allowed",
                 "Strict-Transport-Security", "NEL", "Report-To", "Reporting-Endpoints", "WWW-Authenticate",
                 "Accept-CH", "Origin-Agent-Cluster", "Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy",
                 "content-security-policy-report-only");
    CAPTURE(name);
    CHECK(all_of(forwarded_answer(with({{name, "x"}}), route(prefix)), name).empty());
    CHECK(all_of(forwarded_answer(with({{name, "x"}}), route("")), name) == "x");
}

TEST_CASE("by path a page has no origin, whatever policy the program names")
{
    const Headers passed =
        forwarded_answer(with({{"Content-Security-Policy", "sandbox allow-same-origin"},
                               {"CONTENT-security-POLICY", "sandbox allow-same-origin allow-scripts"},
                               {"Connection", "Content-Security-Policy"}}),
                         route(prefix));
    const std::string policy = all_of(passed, "Content-Security-Policy");
    CHECK(policy.starts_with("sandbox "));
    CHECK(policy.find("same-origin") == std::string::npos);
    CHECK(policy.find("escape") == std::string::npos);
    CHECK(policy.find('|') == std::string::npos);
}

TEST_CASE("by path a document of many parts is none, as each part brings fields of its own")
{
    const auto [type, expected] = GENERATE(table<std::string, std::string>({
        {"multipart/x-mixed-replace; boundary=a", "application/octet-stream"},
        {" MULTIPART/related", "application/octet-stream"},
        {"text/html, multipart/x-mixed-replace;boundary=x", "application/octet-stream"},
        {R"(""multipart/mixed)", "application/octet-stream"},
        {"text/html", "text/html"},
    }));
    CHECK(all_of(forwarded_answer(with({{"Content-Type", type}}), route(prefix)), "Content-Type") == expected);
    CHECK(all_of(forwarded_answer(with({{"Content-Type", "multipart/mixed"}}), route("")), "Content-Type") ==
          "multipart/mixed");
}
