#pragma once

#include "daemon/http/server.hpp"

#include <string>
#include <vector>

namespace sbx::daemon {

/// Sockets that were handed to this process, which listen already.
/// @param process  LISTEN_PID: for whom they are
/// @param count    LISTEN_FDS
/// @return none where there are none for us
/// @error invalid_argument  one of them is no listening stream socket
/// @source sd_listen_fds(3)
Result<std::vector<ListenAddress>> passed_sockets(const std::string& process, const std::string& count);

}  // namespace sbx::daemon
