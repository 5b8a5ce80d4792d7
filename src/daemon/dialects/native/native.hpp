#pragma once

#include "daemon/api/routes.hpp"
#include "daemon/events/event_feed.hpp"
#include "daemon/executions/executions.hpp"
#include "daemon/executions/lending.hpp"
#include "daemon/idempotency/idempotent_answers.hpp"
#include "daemon/pool/pool.hpp"
#include "daemon/ports/ports.hpp"
#include "daemon/sandboxes/sandboxes.hpp"
#include "daemon/templates/templates.hpp"

#include <vector>

namespace sbx::daemon::native {

/// What the native API, `/v1`, is made of.
struct Services {
    Engine& engine;
    const Settings& settings;
    ImageCache& images;
    Executions& executions;
    Sandboxes& sandboxes;
    Pool& pool;
    Admission& admission;
    Store& store;
    Lending& lending;
    Metrics& metrics;
    Ports& ports;
    IdempotentAnswers& idempotent;
    EventFeed& events;
    Templates& templates;
};

/// Its routes. @param services  outlive them
std::vector<Route> routes(Services& services);

// The same by subject.
void add_execution_routes(Routes& routes, Services& services);
void add_sandbox_routes(Routes& routes, Services& services);
void add_kernel_routes(Routes& routes, Services& services);
void add_process_routes(Routes& routes, Services& services);
void add_attach_routes(Routes& routes, Services& services);
void add_file_routes(Routes& routes, Services& services);
void add_port_routes(Routes& routes, Services& services);
void add_client_routes(Routes& routes, Services& services);
void add_watch_routes(Routes& routes, Services& services);
void add_event_routes(Routes& routes, Services& services);
void add_system_routes(Routes& routes, Services& services);
void add_key_routes(Routes& routes, Services& services);
void add_template_routes(Routes& routes, Services& services);

}  // namespace sbx::daemon::native
