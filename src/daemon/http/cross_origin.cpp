#include "daemon/http/cross_origin.hpp"

#include <algorithm>
#include <string>

namespace sbx::daemon {
namespace {

constexpr const char* methods = "DELETE, GET, HEAD, OPTIONS, POST, PUT";
constexpr const char* seconds_until_asked_again = "600";

bool may_read(const AccessRules& rules, const RequestHead& head)
{
    // The pages of a sandbox's port are its program's own.
    if (rules.reading_origins.empty() || head.port) return false;
    const std::string_view origin = head.fields[http::field::origin];
    return std::ranges::find(rules.reading_origins, origin) != rules.reading_origins.end();
}

}  // namespace

void allow_reading(Response& response, const AccessRules& rules, const RequestHead& head)
{
    if (!may_read(rules, head)) return;
    response.headers.emplace_back("Access-Control-Allow-Origin", std::string(head.fields[http::field::origin]));
    response.headers.emplace_back("Vary", "Origin");
}

std::optional<Response> preflight_answer(const AccessRules& rules, const RequestHead& head)
{
    const bool asks = head.method == http::verb::options && head.fields.count("Access-Control-Request-Method") != 0;
    if (!asks || !may_read(rules, head)) return std::nullopt;
    Response answer(200, "OK", "text/plain; charset=utf-8");
    answer.headers.emplace_back("Access-Control-Allow-Methods", methods);
    answer.headers.emplace_back("Access-Control-Max-Age", seconds_until_asked_again);
    const std::string wanted(head.fields["Access-Control-Request-Headers"]);
    if (!wanted.empty()) answer.headers.emplace_back("Access-Control-Allow-Headers", wanted);
    if (head.fields["Access-Control-Request-Private-Network"] == "true")
        answer.headers.emplace_back("Access-Control-Allow-Private-Network", "true");
    return answer;
}

}  // namespace sbx::daemon
