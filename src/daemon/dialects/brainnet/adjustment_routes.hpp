#pragma once

#include "core/store/store.hpp"
#include "daemon/adjustments/adjustments.hpp"
#include "daemon/api/routes.hpp"

namespace sbx::daemon::brainnet {

/// `/adjust-processor` (docs/dialects.md, "Adjusting a processor").
/// @param adjustments, store  outlive the routes
void add_adjustment_routes(Routes& routes, Adjustments& adjustments, Store& store);

}  // namespace sbx::daemon::brainnet
