#include "daemon/dialects/app/app.hpp"

#include "daemon/dialects/app/nest_errors.hpp"
#include "daemon/dialects/session_routes.hpp"

namespace sbx::daemon::app {

Dialect dialect(Sessions& sessions, Store& store)
{
    const auto errors = std::make_shared<NestErrors>();
    Routes routes(errors, nest_reading);
    SessionDialect words;
    words.name = "app";
    words.done = 201;  // to every POST, as its framework does
    words.ended = "terminated";
    words.once_paths = {"/sandbox/execute", "/execute"};
    add_session_routes(routes, sessions, store, std::move(words));
    return {"app", "Sessions that run code", routes.all(), errors};
}

}  // namespace sbx::daemon::app
