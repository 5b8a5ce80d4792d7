#include "daemon/api/document_routes.hpp"

#include "daemon/api/conditional.hpp"
#include "daemon/api/routes.hpp"

namespace sbx::daemon {
namespace {

asio::awaitable<void> show(Call& call, const std::string& document)
{
    Response response(200, document);
    response.headers.emplace_back("Cache-Control", "no-cache");
    co_await call.exchange.respond(std::move(response));
}

}  // namespace

std::vector<Route> document_routes(std::function<const std::string&()> document)
{
    Routes routes(std::make_shared<NativeErrors>(), Reading{.refuses_unknown = false});
    Route& route = routes.add_raw<Nothing>(
        http::verb::get, "/openapi.json", {.summary = "This document, for programs", .tag = "system"},
        [document = std::move(document)](Call& call, Nothing /*request*/) { return show(call, document()); });
    route.open = true;
    make_tagged(route);
    return routes.all();
}

}  // namespace sbx::daemon
