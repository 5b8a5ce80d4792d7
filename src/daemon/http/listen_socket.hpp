#pragma once

#include "core/descriptor.hpp"
#include "sbx/result.hpp"

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace sbx::daemon {

/// A socket that listens; it does not block.
struct ListenSocket {
    Descriptor descriptor;
    std::uint16_t port = 0;  ///< 0: a Unix socket
    std::string path;        ///< of the file that was made for it; empty: none
    dev_t device = 0;        ///< of that file
    ino_t inode = 0;
};

/// Of a Unix socket, with mode 0600. What a dead process left there is replaced.
/// @error conflict           somebody listens there, or it is no socket
/// @error permission_denied  we may not make it
Result<ListenSocket> listen_locally(const std::string& path);

/// @param port  0: any that is free
/// @error conflict           somebody listens there
/// @error permission_denied  a port below 1024
/// @error invalid_argument   no address, or none of this machine
Result<ListenSocket> listen_on(const std::string& address, std::uint16_t port);

/// One that was handed over and listens already; closed in the end like one of our own.
/// @error invalid_argument  it is no listening stream socket
Result<ListenSocket> take_listening(int descriptor);

/// Removes the file, unless it is another one by now.
void remove_file(const ListenSocket& socket);

}  // namespace sbx::daemon
