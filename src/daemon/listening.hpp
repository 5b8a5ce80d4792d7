#pragma once

#include "daemon/daemon.hpp"

#include <cstdint>
#include <string>

namespace sbx::daemon {

bool is_loopback(const ListenAddress& address);

/// As a user would write it.
/// @param port  that it has come to
std::string shown(const ListenAddress& address, std::uint16_t port, bool has_tls);

/// Whether the dialect librechat is served there.
bool serves_interpreter(const Listen& listen);

/// What others can reach needs a key, or has those of the dialect librechat.
/// @error permission_denied  there is none, or everybody knows it
Result<void> check_keys(const Listen& listen, const DaemonOptions& options, const Store& store);

/// Which requests are served at an address.
AccessRules rules_of(const ListenAddress& address, const DaemonOptions& options);

}  // namespace sbx::daemon
