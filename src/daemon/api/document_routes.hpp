#pragma once

#include "daemon/api/route.hpp"

#include <string>
#include <vector>

namespace sbx::daemon {

/// `/openapi.json`, and what shows it to people.
/// @param document  outlives the routes; may be filled in later
std::vector<Route> document_routes(const std::string& document);

}  // namespace sbx::daemon
