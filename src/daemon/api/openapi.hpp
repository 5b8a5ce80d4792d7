#pragma once

#include "daemon/api/route.hpp"

#include <string>
#include <vector>

namespace sbx::daemon {

/// The document of these routes.
/// @source OpenAPI 3.1.0
nlohmann::ordered_json openapi_document(const std::vector<Route>& routes, const std::string& title,
                                        const std::string& version);

}  // namespace sbx::daemon
