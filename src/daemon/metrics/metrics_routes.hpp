#pragma once

#include "daemon/dialects/native/native.hpp"
#include "daemon/http/server.hpp"
#include "daemon/log/event_log.hpp"
#include "daemon/metrics/metrics.hpp"

#include <vector>

namespace sbx::daemon {

/// What `GET /metrics` tells of.
struct MetricsSources {
    const Metrics& metrics;
    const native::Services& services;
    const HttpServer& http;
    const EventLog& log;
};

/// The route. @param sources  outlive it
std::vector<Route> metrics_routes(const MetricsSources& sources);

}  // namespace sbx::daemon
