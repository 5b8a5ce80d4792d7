#pragma once

#include "core/sandbox/agent_link.hpp"

namespace sbx {

/// What a sandbox uses at this moment. The figures are its agent's own word: bounded, and for people.
/// @error unavailable  the link ended first
asio::awaitable<Result<wire::Measured>> measure(AgentLink& link);

}  // namespace sbx
