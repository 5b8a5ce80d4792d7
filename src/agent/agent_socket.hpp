#pragma once

#include "core/descriptor.hpp"

/// The socket over which a new owner comes. Its directory belongs to root, and so must who connects: user code can't.
namespace sbx::agent {

/// @return nothing where the directory is missing: then there is just no such way in
Descriptor listen_on_agent_socket();

/// @return nothing when nobody waits, or it is not root who does
Descriptor accept_root(int listening);

/// @return nothing, with errno, when there is no agent that listens
Descriptor connect_to_agent();

}  // namespace sbx::agent
