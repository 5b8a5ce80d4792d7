#include "daemon/dialects/dialects.hpp"

#include "daemon/dialects/app/app.hpp"
#include "daemon/dialects/colima/colima.hpp"
#include "daemon/dialects/proxy/proxy.hpp"

namespace sbx::daemon {
namespace {

Dialect native_dialect(const DialectServices& services)
{
    Dialect dialect{"native", "sbx", native::routes(services.native), std::make_shared<NativeErrors>()};
    const std::vector<Route> metrics = metrics_routes(services.metrics);
    dialect.routes.insert(dialect.routes.end(), metrics.begin(), metrics.end());
    return dialect;
}

constexpr const char* of_all = "one object with the members of all";
constexpr const char* of_execute =
    "brainnet where the request has a key of its own (processor_id, input_data, timeout, debug_mode; wait in the "
    "query), "
    "else the first dialect of the listener; app's own statuses are those of its listener and its prefix";
constexpr std::array<std::string_view, 5> brainnet_keys{"processor_id", "input_data", "timeout", "debug_mode", "wait"};
constexpr const char* of_the_first =
    "the first dialect of the listener; app's own statuses are those of its listener and its prefix";

constexpr std::array shared{
    SharedPath{http::verb::get, "/", Sharing::members_of_all, of_all},
    SharedPath{http::verb::get, "/health", Sharing::members_of_all, of_all},
    SharedPath{http::verb::post, "/sessions", Sharing::first, of_the_first},
    SharedPath{http::verb::get, "/sessions", Sharing::first, of_the_first},
    SharedPath{http::verb::post, "/sessions/{session_id}/execute", Sharing::first, of_the_first},
    SharedPath{http::verb::delete_, "/sessions/{session_id}", Sharing::first, of_the_first},
    SharedPath{http::verb::post, "/execute", Sharing::keys_decide, of_execute, "brainnet", brainnet_keys},
};

}  // namespace

std::vector<Dialect> dialects(const DialectServices& services)
{
    native::Services& core = services.native;
    return {native_dialect(services),
            proxy::dialect(services.sessions, core.store),
            app::dialect(services.sessions, core.store),
            brainnet::dialect(services.brainnet),
            colima::dialect({core.sandboxes, core.templates, core.store, core.metrics}),
            librechat::dialect(services.librechat)};
}

std::span<const SharedPath> shared_paths()
{
    return shared;
}

}  // namespace sbx::daemon
