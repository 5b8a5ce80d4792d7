#pragma once

#include "core/store/store.hpp"
#include "daemon/api/route.hpp"
#include "daemon/sessions/sessions.hpp"

#include <memory>
#include <vector>

namespace sbx::daemon::proxy {

/// The dialect proxy: `/sessions…` and `/execute` (docs/dialects.md, "proxy").
/// @param sessions, store  outlive the routes
/// @param errors           how it tells errors
std::vector<Route> routes(Sessions& sessions, Store& store, std::shared_ptr<const ErrorShape> errors);

}  // namespace sbx::daemon::proxy
