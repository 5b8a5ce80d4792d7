#include "daemon/dialects/proxy/proxy.hpp"

#include "daemon/api/fast_api_errors.hpp"
#include "daemon/dialects/session_routes.hpp"

namespace sbx::daemon::proxy {

Dialect dialect(Sessions& sessions, Store& store)
{
    const auto errors = std::make_shared<FastApiErrors>();
    Routes routes(errors, fast_api_reading, FinalSlash::redirects);
    SessionDialect words;
    words.name = "proxy";
    words.ended = "closed";
    words.once_paths = {"/execute"};
    add_session_routes(routes, sessions, store, std::move(words));
    return {"proxy", "Sessions that run code", routes.all(), errors};
}

}  // namespace sbx::daemon::proxy
