#pragma once

#include "core/store/store.hpp"
#include "daemon/api/dialect.hpp"
#include "daemon/sessions/sessions.hpp"

namespace sbx::daemon::app {

/// The proxy's sessions and `/sandbox/execute` in NestJS's manner (docs/dialects.md, "app").
/// @param sessions, store  outlive it
Dialect dialect(Sessions& sessions, Store& store);

}  // namespace sbx::daemon::app
