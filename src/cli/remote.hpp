#pragma once

#include "cli/context.hpp"
#include "cli/sandbox_view.hpp"
#include "core/remote/daemon_client.hpp"
#include "core/sandbox/sandbox_record.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace sbx::cli {

/// `--host` and `--direct`, of commands that a daemon can carry out.
void add_place_flags(CLI::App& command, Context& context);

/// The daemon that a command is for: --host, else SBX_HOST. Nothing: this machine's engine.
std::optional<std::string> daemon_host(const Context& context);
/// Its address, with the key of SBX_API_KEY.
/// @error invalid_argument  it is none
Result<DaemonAddress> daemon_address(const Context& context, const std::string& host);

/// This user's own daemon, where one answers and would do as this command does: it does not know what this command's
/// environment and flags say of engines, images and libraries.
std::optional<std::string> nearby_daemon(const Context& context, const Settings& settings);

/// Asks that daemon once. Only where `daemon_host` names one.
/// @error as DaemonClient::call
Result<nlohmann::json> call_daemon(const Context& context, docker::http::verb method, std::string target,
                                   nlohmann::json body, std::chrono::milliseconds limit);

/// What is known here of the daemon's sandboxes; it is asked before one is looked for.
/// @param state  this user's state directory
SandboxStore remote_store(const Context& context, const std::filesystem::path& state, const std::string& host);

/// A stream to the agent of one of them.
Result<std::unique_ptr<Channel>> remote_wire(const asio::any_io_executor& executor, const Context& context,
                                             const std::string& host, const SandboxRecord& record);

/// Forgets a sandbox that has ended: here, and where the daemon has it.
/// @error as DaemonClient::call
Result<void> forget_sandbox(const Context& context, const SandboxStore& store, const SandboxRecord& record);

/// All of them, and its one-off runs.
/// @error as DaemonClient::call
Result<std::vector<SandboxView>> view_remote(const Context& context, const SandboxStore& store);

}  // namespace sbx::cli
