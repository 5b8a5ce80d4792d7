#pragma once

#include "core/store/store.hpp"
#include "daemon/api/route.hpp"

namespace sbx::daemon {

/// Lets a route that makes something lasting answer 507 while the disk of the state directory is nearly full
/// (SECURITY-TARGETS §11). Everything else goes on.
/// @param store  outlives the route
void refuse_when_full(Route& route, Store& store);

}  // namespace sbx::daemon
