#pragma once

#include "core/docker/transport.hpp"

#include <string>
#include <vector>

namespace sbx::docker {

/// The command that carries the Engine API to a remote host over its standard streams.
/// @source docker/cli: cli/connhelper/connhelper.go
std::vector<std::string> ssh_command(const Endpoint& endpoint);

/// Starts that command; it ends with the transport. What ssh has to say goes to standard error; it can't ask anything.
/// @error unavailable  ssh can't be started
Result<std::unique_ptr<Transport>> start_ssh(asio::any_io_executor executor, const Endpoint& endpoint);

}  // namespace sbx::docker
