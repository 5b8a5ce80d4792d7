#include "daemon/dialects/native/native.hpp"

namespace sbx::daemon::native {

std::vector<Route> routes(Services& services)
{
    Routes routes(std::make_shared<NativeErrors>(), Reading{});
    add_system_routes(routes, services);
    add_execution_routes(routes, services);
    add_sandbox_routes(routes, services);
    add_kernel_routes(routes, services);
    add_process_routes(routes, services);
    add_attach_routes(routes, services);
    add_file_routes(routes, services);
    add_port_routes(routes, services);
    add_client_routes(routes, services);
    add_watch_routes(routes, services);
    add_event_routes(routes, services);
    add_template_routes(routes, services);
    add_key_routes(routes, services);
    return routes.all();
}

}  // namespace sbx::daemon::native
