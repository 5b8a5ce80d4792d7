#include "daemon/dialects/app/app.hpp"
#include "daemon/dialects/session_routes.hpp"

namespace sbx::daemon::app {

std::vector<Route> routes(Sessions& sessions, Store& store, std::shared_ptr<const ErrorShape> errors)
{
    Routes routes(std::move(errors), Decoder::Unknown::ignored);
    SessionDialect dialect;
    dialect.name = "app";
    dialect.done = 201;  // to every POST, as its framework does
    dialect.ended = "terminated";
    dialect.once_paths = {"/sandbox/execute", "/execute"};
    add_session_routes(routes, sessions, store, std::move(dialect));
    return routes.all();
}

}  // namespace sbx::daemon::app
