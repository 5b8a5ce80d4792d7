#include "daemon/dialects/proxy/proxy.hpp"
#include "daemon/dialects/session_routes.hpp"

namespace sbx::daemon::proxy {

std::vector<Route> routes(Sessions& sessions, Store& store, std::shared_ptr<const ErrorShape> errors)
{
    Routes routes(std::move(errors), Decoder::Unknown::ignored);
    SessionDialect dialect;
    dialect.name = "proxy";
    dialect.ended = "closed";
    dialect.once_paths = {"/execute"};
    add_session_routes(routes, sessions, store, std::move(dialect));
    return routes.all();
}

}  // namespace sbx::daemon::proxy
