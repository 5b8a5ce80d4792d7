#include "daemon/dialects/brainnet/brainnet.hpp"

#include "daemon/api/fast_api_errors.hpp"
#include "daemon/dialects/brainnet/adjustment_routes.hpp"

namespace sbx::daemon::brainnet {

Dialect dialect(const Services& services)
{
    const auto errors = std::make_shared<FastApiErrors>();
    Routes routes(errors, fast_api_reading, FinalSlash::redirects);
    add_service_routes(routes, services);
    add_execution_routes(routes, services);
    add_adjustment_routes(routes, services.adjustments, services.store);
    return {"brainnet", "Code with what debugging needs", routes.all(), errors};
}

}  // namespace sbx::daemon::brainnet
