#pragma once

#include "core/remote/daemon_client.hpp"
#include "core/sandbox/sandbox_record.hpp"

namespace sbx {

/// Writes into `mirror` what a daemon's sandboxes are at this moment, and forgets those that are none any more: so they
/// are found as this machine's own are.
asio::awaitable<Result<void>> mirror_sandboxes(DaemonClient& client, const SandboxStore& mirror);

/// A stream to the agent of one of them; it is opened by its first use.
std::unique_ptr<Channel> sandbox_wire(const asio::any_io_executor& executor, DaemonAddress address,
                                      const std::string& sandbox);

}  // namespace sbx
