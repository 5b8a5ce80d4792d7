#pragma once

#include "core/config/template.hpp"
#include "daemon/executions/code_order.hpp"
#include "daemon/log/event_log.hpp"
#include "daemon/sandboxes/sandboxes.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace sbx::daemon {

/// One, as far as it could be read.
struct NamedTemplate {
    std::string name;
    Result<Template> found;
};

/// The operator's templates (docs/templates.md), by name. They are read anew each time: he may write them meanwhile.
class Templates {
   public:
    /// @param folders  where they are, the strongest first
    /// @param log      outlives this
    Templates(std::vector<std::filesystem::path> folders, EventLog& log) : folders_(std::move(folders)), log_(log) {}

    /// By name, in order.
    /// @error internal  there is no telling
    asio::awaitable<Result<std::vector<NamedTemplate>>> list();
    /// @error not_found  there is none of that name
    /// @error unavailable  its file is wrong: why, and where it is, is told in the log alone
    asio::awaitable<Result<Template>> find(std::string name);

   private:
    Result<Template> checked(const std::string& name, Result<Template> found) const;

    std::vector<std::filesystem::path> folders_;
    EventLog& log_;
    asio::thread_pool thread_{1};  ///< a disk that hangs holds up who names a template, and nobody else
};

/// Completes what the caller says by a template.
/// @param says_network  the order's list of places counts, even where it is empty
void apply(const Template& from, CodeOrder& order, bool says_network);
void apply(const Template& from, SandboxOrder& order, bool says_network);

/// The limits that a template says, of those that a request may say too.
LimitsWish limits_of(const Template& from);

}  // namespace sbx::daemon
