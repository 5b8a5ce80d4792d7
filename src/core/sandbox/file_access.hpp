#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/program_io.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sbx {

// Files of a sandbox that runs, seen and changed as its user.
// @error not_found, permission_denied, conflict, too_large  as the agent says
// @error unavailable  the link ended first

/// Waits for an operation that only succeeds or fails.
asio::awaitable<Result<wire::Reply>> succeed(AgentLink& link, wire::StreamId stream);

/// What stands at `path`; a link is itself.
asio::awaitable<Result<wire::Entry>> stat_inside(AgentLink& link, std::string path);

struct Listing {
    std::vector<wire::Entry> entries;
    bool truncated = false;  ///< there are more
};

/// What is below a directory, sorted by path.
asio::awaitable<Result<Listing>> list_inside(AgentLink& link, std::string directory, std::uint32_t depth);

/// Hands the data of a `read` or a `tar_out` to the stdout of `to`, at its pace.
asio::awaitable<Result<wire::Reply>> receive_data(AgentLink& link, wire::StreamId stream, ProgramIo& to);

/// Sends the stdin of `from`, to its end, to a `write` or a `tar_in`.
asio::awaitable<Result<wire::Reply>> send_data(AgentLink& link, wire::StreamId stream, ProgramIo& from);

}  // namespace sbx
