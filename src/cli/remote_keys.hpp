#pragma once

#include "cli/context.hpp"
#include "core/store/api_key.hpp"

#include <string>
#include <vector>

namespace sbx::cli {

// `sbx key` over the daemon that `daemon_host` names, whose operator alone may do that. Keys come without their digest.
// Errors are what DaemonClient::call gives.

Result<NewApiKey> create_remote_key(const Context& context, const std::string& name, const KeyQuota& quota);
/// All of them, oldest first.
Result<std::vector<ApiKey>> list_remote_keys(const Context& context);
Result<ApiKey> revoke_remote_key(const Context& context, const std::string& id_or_name);

}  // namespace sbx::cli
