#pragma once

#include "daemon/api/router.hpp"
#include "daemon/api/shared_path.hpp"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sbx::daemon {

/// What a listener serves: some dialects by their own paths, and each of them alone below `/compat/NAME`.
class DialectSet {
   public:
    /// @param dialects  in the order in which they win; at least one; outlive this
    /// @param shared    who answers paths that several have
    /// @param pages     of people's, which are no operations
    /// @param access    outlives this
    DialectSet(std::vector<const Dialect*> dialects, std::span<const SharedPath> shared,
               const std::vector<Route>& pages, Access& access);
    ~DialectSet();
    DialectSet(const DialectSet&) = delete;
    DialectSet& operator=(const DialectSet&) = delete;

    /// Answers the request.
    asio::awaitable<void> serve(Exchange& exchange) const;

   private:
    class Site;

    std::unique_ptr<Site> together_;
    std::map<std::string, std::unique_ptr<Site>> alone_;  ///< by prefix
};

}  // namespace sbx::daemon
