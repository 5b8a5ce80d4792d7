#include "daemon/api/routes.hpp"

namespace sbx::daemon {
namespace {

bool has_json_body(http::verb method)
{
    return method == http::verb::post || method == http::verb::put || method == http::verb::patch;
}

}  // namespace

Route& Routes::add(http::verb method, std::string pattern, RouteText text, std::shared_ptr<const Endpoint> endpoint)
{
    Route& route = all_.emplace_back();
    route.method = method;
    route.pattern = std::move(pattern);
    route.text = std::move(text);
    route.errors = errors_;
    route.reading = reading_;
    route.final_slash = final_slash_;
    route.reads_body = has_json_body(method) && route.text.consumes == "application/json";
    route.endpoint = std::move(endpoint);
    return route;
}

}  // namespace sbx::daemon
