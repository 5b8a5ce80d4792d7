#include "daemon/dialects/dialects.hpp"

namespace sbx::daemon {
namespace {

Dialect native_dialect(const DialectServices& services)
{
    Dialect dialect{"native", "sbx", native::routes(services.native), std::make_shared<NativeErrors>()};
    const std::vector<Route> metrics = metrics_routes(services.metrics);
    dialect.routes.insert(dialect.routes.end(), metrics.begin(), metrics.end());
    return dialect;
}

}  // namespace

std::vector<Dialect> dialects(const DialectServices& services)
{
    return {native_dialect(services)};
}

std::span<const SharedPath> shared_paths()
{
    return {};
}

}  // namespace sbx::daemon
