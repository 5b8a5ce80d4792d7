#pragma once

#include "daemon/api/route.hpp"

#include <functional>
#include <string>
#include <vector>

namespace sbx::daemon {

/// `/openapi.json`.
/// @param document  gives it; asked at the first request
std::vector<Route> document_routes(std::function<const std::string&()> document);

}  // namespace sbx::daemon
