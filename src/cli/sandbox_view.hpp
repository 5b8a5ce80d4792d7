#pragma once

#include "cli/open_engine.hpp"
#include "core/sandbox/sandbox_record.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace sbx::cli {

/// A sandbox, or a run that lives now, as people and machines are shown it.
struct SandboxView {
    SandboxRecord record;
    std::string kind = "sandbox";  ///< or "run"
    std::string state;             ///< starting, running, paused, ended, unknown (it is on another engine)
};

/// Compares what is written down with what the engine has. Sandboxes whose keeper and container are both gone have
/// ended, which is written down.
/// @param store  outlives this
asio::awaitable<Result<std::vector<SandboxView>>> view_sandboxes(const OpenEngine& open, const SandboxStore& store);
/// The same of the configured engine, or of the daemon that the command is for.
Result<std::vector<SandboxView>> view_all(const Context& context, const SandboxStore& store);

/// Everything but the token and the values of variables.
nlohmann::ordered_json sandbox_json(const SandboxView& view);

/// `5m`, `1h20m`: a length of time in two units at most.
std::string rough_duration(std::chrono::milliseconds length);

}  // namespace sbx::cli
