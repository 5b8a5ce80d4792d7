#include "daemon/dialects/brainnet/brainnet.hpp"

#include "daemon/api/fast_api_errors.hpp"
#include "daemon/api/routes.hpp"
#include "daemon/dialects/brainnet/adjustment_routes.hpp"
#include "sbx/version.hpp"

namespace sbx::daemon {

// Types that answers are made of: they have names for templates of other files.

struct ServiceInformation {
    std::string message = "Brain_Net Sandbox API";
    std::string service = "sbx";
    std::string version{sbx::version()};
    std::string status = "ok";
    std::string docs = "/docs";
};
BOOST_DESCRIBE_STRUCT(ServiceInformation, (), (message, service, version, status, docs))

struct ServiceHealth {
    std::string status = "ok";
};
BOOST_DESCRIBE_STRUCT(ServiceHealth, (), (status))

}  // namespace sbx::daemon

namespace sbx::daemon::brainnet {
namespace {

asio::awaitable<Result<ServiceInformation>> tell_service(Call& /*call*/, Nothing /*request*/)
{
    co_return ServiceInformation();
}

asio::awaitable<Result<ServiceHealth>> tell_health(Call& /*call*/, Nothing /*request*/)
{
    co_return ServiceHealth();
}

}  // namespace

Dialect dialect(const Services& services)
{
    const auto errors = std::make_shared<FastApiErrors>();
    Routes routes(errors, fast_api_reading, FinalSlash::redirects);
    routes.add<Nothing, ServiceInformation>(http::verb::get, "/", {.summary = "Say what it is", .tag = "brainnet"},
                                            tell_service);
    routes
        .add<Nothing, ServiceHealth>(http::verb::get, "/health",
                                     {.summary = "Whether the daemon answers", .tag = "brainnet"}, tell_health)
        .open = true;
    add_adjustment_routes(routes, services.adjustments, services.store);
    return {"brainnet", "Code with what debugging needs", routes.all(), errors};
}

}  // namespace sbx::daemon::brainnet
