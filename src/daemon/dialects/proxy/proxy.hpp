#pragma once

#include "core/store/store.hpp"
#include "daemon/api/dialect.hpp"
#include "daemon/sessions/sessions.hpp"

namespace sbx::daemon::proxy {

/// `/sessions…` and `/execute` in FastAPI's manner (docs/dialects.md, "proxy").
/// @param sessions, store  outlive it
Dialect dialect(Sessions& sessions, Store& store);

}  // namespace sbx::daemon::proxy
