#pragma once

#include "daemon/api/shared_path.hpp"
#include "daemon/dialects/brainnet/brainnet.hpp"
#include "daemon/dialects/librechat/librechat.hpp"
#include "daemon/dialects/native/native.hpp"
#include "daemon/metrics/metrics_routes.hpp"
#include "daemon/sessions/sessions.hpp"

#include <array>
#include <span>
#include <string_view>
#include <vector>

namespace sbx::daemon {

/// All that there are, in the order in which they win.
inline constexpr std::array<std::string_view, 6> dialect_names{"native",   "proxy",  "app",
                                                               "brainnet", "colima", "librechat"};

/// What they are made of.
struct DialectServices {
    native::Services& native;
    const MetricsSources& metrics;
    Sessions& sessions;
    brainnet::Services brainnet;
    librechat::Services librechat;
};

/// The dialects, in the order of their names. @param services  outlive them
std::vector<Dialect> dialects(const DialectServices& services);

/// Who answers the paths that several of them have.
std::span<const SharedPath> shared_paths();

}  // namespace sbx::daemon
