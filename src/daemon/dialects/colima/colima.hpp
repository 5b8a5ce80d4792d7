#pragma once

#include "core/store/store.hpp"
#include "daemon/api/dialect.hpp"
#include "daemon/api/fast_api_errors.hpp"
#include "daemon/api/routes.hpp"
#include "daemon/metrics/metrics.hpp"
#include "daemon/sandboxes/process_feed.hpp"
#include "daemon/sandboxes/sandboxes.hpp"
#include "daemon/templates/templates.hpp"

#include <memory>
#include <string>

namespace sbx::daemon::colima {

/// Where programs are at home, and what relative paths start from.
inline constexpr const char* home = "/home/user";

/// What the dialect is made of.
struct Services {
    Sandboxes& sandboxes;
    Templates& templates;
    Store& store;
    Metrics& metrics;
};

/// Sandboxes in E2B's manner, as a local server for Colima had them (docs/dialects.md). @param services  outlive it
Dialect dialect(const Services& services);

// Its routes by subject.
void add_sandbox_routes(Routes& routes, const Services& services);
void add_file_routes(Routes& routes, const Services& services);
void add_command_routes(Routes& routes, const Services& services, std::shared_ptr<ProcessFeeds> feeds);
void add_stream_route(Routes& routes, const Services& services, std::shared_ptr<ProcessFeeds> feeds);

/// As FastAPI's, and what cannot be done with what was asked for is 422.
class ColimaErrors : public FastApiErrors {
   public:
    Response answer(const Error& error, const std::string& request_id) const override;
    using FastApiErrors::answer;
};

std::string new_sandbox_id();

/// Unix milliseconds as in the server's document: UTC without saying so, whole seconds.
std::string time_text(std::chrono::milliseconds time);

/// One of the caller's that this dialect made.
/// @error not_found  there is none, it has ended, or it is another's
Result<std::shared_ptr<Living>> find_sandbox(const Services& services, const std::string& id, const Caller& caller);
/// The same to be used.
/// @error conflict  it is paused
Result<std::shared_ptr<Living>> find_running(const Services& services, const std::string& id, const Caller& caller);

}  // namespace sbx::daemon::colima
