#pragma once

#include "daemon/api/dialect.hpp"

namespace sbx::daemon::brainnet {

/// Code with what debugging needs, in FastAPI's manner (docs/dialects.md, "brainnet").
Dialect dialect();

}  // namespace sbx::daemon::brainnet
