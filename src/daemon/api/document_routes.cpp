#include "daemon/api/document_routes.hpp"

#include "daemon/api/routes.hpp"

namespace sbx::daemon {
namespace {

asio::awaitable<void> show(Call& call, const std::string& document)
{
    Response response(200, document);
    co_await call.exchange.respond(std::move(response));
}

}  // namespace

std::vector<Route> document_routes(const std::string& document)
{
    Routes routes(std::make_shared<NativeErrors>(), Decoder::Unknown::ignored);
    routes
        .add_raw<Nothing>(http::verb::get, "/openapi.json", {.summary = "This document, for programs", .tag = "system"},
                          [&document](Call& call, Nothing /*request*/) { return show(call, document); })
        .open = true;
    return routes.all();
}

}  // namespace sbx::daemon
