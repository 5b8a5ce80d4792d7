#pragma once

#include "core/store/store.hpp"
#include "daemon/access/key_access.hpp"
#include "daemon/adjustments/adjustments.hpp"
#include "daemon/api/dialect.hpp"
#include "daemon/api/routes.hpp"
#include "daemon/debugging/debug_runs.hpp"
#include "daemon/log/event_log.hpp"

namespace sbx::daemon::brainnet {

/// What the dialect is made of.
struct Services {
    DebugRuns& runs;
    Adjustments& adjustments;
    Store& store;
    KeyAccess& access;
    DebugBounds bounds;  ///< as `runs` has them
    LogLevel log_level = LogLevel::info;
};

/// Code with what debugging needs, in FastAPI's manner (docs/dialects.md, "brainnet").
/// @param services  what they refer to outlives it
Dialect dialect(const Services& services);

// Its routes, by what they are about.
void add_service_routes(Routes& routes, const Services& services);
void add_execution_routes(Routes& routes, const Services& services);

}  // namespace sbx::daemon::brainnet
