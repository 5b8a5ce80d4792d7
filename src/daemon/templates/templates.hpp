#pragma once

#include "core/config/template.hpp"
#include "daemon/executions/code_order.hpp"
#include "daemon/log/event_log.hpp"
#include "daemon/sandboxes/sandboxes.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sbx::daemon {

/// The operator's templates (docs/templates.md), by name. They are read anew each time: he may write them meanwhile.
class Templates {
   public:
    /// @param folders  where they are, the strongest first
    /// @param log      outlives this
    Templates(std::vector<std::filesystem::path> folders, EventLog& log) : folders_(std::move(folders)), log_(log) {}

    /// In order.
    std::vector<std::string> names() const { return all_template_names(folders_); }
    /// @error not_found  there is none of that name
    /// @error unavailable  its file is wrong: why, and where it is, is told in the log alone
    Result<Template> find(const std::string& name) const;

   private:
    std::vector<std::filesystem::path> folders_;
    EventLog& log_;
};

/// Completes what the caller says by a template.
/// @param says_network  the order's list of places counts, even where it is empty
void apply(const Template& from, CodeOrder& order, bool says_network);
void apply(const Template& from, SandboxOrder& order, bool says_network);

/// The limits that a template says, of those that a request may say too.
LimitsWish limits_of(const Template& from);

}  // namespace sbx::daemon
