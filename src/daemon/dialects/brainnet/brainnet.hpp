#pragma once

#include "core/store/store.hpp"
#include "daemon/adjustments/adjustments.hpp"
#include "daemon/api/dialect.hpp"

namespace sbx::daemon::brainnet {

/// What the dialect is made of.
struct Services {
    Adjustments& adjustments;
    Store& store;
};

/// Code with what debugging needs, in FastAPI's manner (docs/dialects.md, "brainnet").
/// @param services  what they refer to outlives it
Dialect dialect(const Services& services);

}  // namespace sbx::daemon::brainnet
