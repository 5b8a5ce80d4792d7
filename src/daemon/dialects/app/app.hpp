#pragma once

#include "core/store/store.hpp"
#include "daemon/api/route.hpp"
#include "daemon/sessions/sessions.hpp"

#include <memory>
#include <vector>

namespace sbx::daemon::app {

/// The dialect app: proxy's sessions in another framework's manner (docs/dialects.md, "app").
/// @param sessions, store  outlive the routes
/// @param errors           how it tells errors
std::vector<Route> routes(Sessions& sessions, Store& store, std::shared_ptr<const ErrorShape> errors);

}  // namespace sbx::daemon::app
