#pragma once

#include "daemon/api/route.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::daemon {

/// One HTTP API as it is declared.
struct Dialect {
    std::string_view name;  ///< "app": in --listen, in /compat/, in sandboxes' records
    std::string title;      ///< of its document
    std::vector<Route> routes;
    std::shared_ptr<const ErrorShape> errors;  ///< of requests that no route is for
};

}  // namespace sbx::daemon
