#pragma once

#include "core/store/store.hpp"
#include "daemon/api/routes.hpp"
#include "daemon/sessions/sessions.hpp"

#include <string>
#include <vector>

namespace sbx::daemon {

/// In what the dialects of sessions differ.
struct SessionDialect {
    std::string name;
    unsigned done = 200;                  ///< what their POSTs answer
    std::string ended;                    ///< the status of a session that was ended
    std::vector<std::string> once_paths;  ///< of code by itself
};

/// The routes of one of them: their requests and their answers are the same.
/// @param sessions, store  outlive the routes
void add_session_routes(Routes& routes, Sessions& sessions, Store& store, SessionDialect dialect);

}  // namespace sbx::daemon
