#pragma once

#include "daemon/api/access.hpp"
#include "daemon/api/route.hpp"

#include <map>
#include <string>
#include <vector>

namespace sbx::daemon {

/// Finds the route of a request, lets in who may come, and has it served.
class Router {
   public:
    /// @param access  outlives this
    /// @param errors  of requests that no route is for
    Router(Access& access, std::shared_ptr<const ErrorShape> errors) : access_(access), errors_(std::move(errors)) {}

    /// A path that is declared twice is a bug.
    void add(const std::vector<Route>& routes);

    /// Answers the request.
    asio::awaitable<void> serve(Exchange& exchange) const;

    const std::vector<Route>& routes() const { return routes_; }

   private:
    struct Found {
        const Route* route = nullptr;
        nlohmann::json parameters = nlohmann::json::object();
        std::string allowed;     ///< other methods of the path
        bool redirects = false;  ///< to the path with its final slash, or without it
    };
    Found find(http::verb method, const std::vector<std::string>& segments) const;
    Found find_exactly(http::verb method, const std::vector<std::string>& segments) const;
    /// @return why the request is not served
    std::optional<Response> refuse(const Found& found, const RequestHead& head) const;

    Access& access_;
    std::shared_ptr<const ErrorShape> errors_;
    std::vector<Route> routes_;
    std::vector<std::vector<std::string>> patterns_;  ///< of each route, its segments
};

}  // namespace sbx::daemon
