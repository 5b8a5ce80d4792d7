#pragma once

#include "daemon/api/route.hpp"

#include <vector>

namespace sbx::daemon {

/// The API for people: `/docs`, where it can be tried, and `/redoc`, with the files that they are made of. None where
/// sbx was built without them.
std::vector<Route> page_routes();

}  // namespace sbx::daemon
