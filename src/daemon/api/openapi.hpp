#pragma once

#include "daemon/api/route.hpp"

#include <string>
#include <vector>

namespace sbx::daemon {

/// The document of these routes.
/// @param prefix  of all their paths, "/compat/app"; empty: none
/// @source OpenAPI 3.1.0
nlohmann::ordered_json openapi_document(const std::vector<Route>& routes, const std::string& title,
                                        const std::string& version, const std::string& prefix = {});

}  // namespace sbx::daemon
