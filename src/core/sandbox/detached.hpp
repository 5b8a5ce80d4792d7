#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/program_io.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace sbx {

// Programs that outlive the command that started them (docs/wire.md, "Detached processes").
// @error unavailable  the link ended first

/// @return its number
/// @error what the agent says of a program that cannot be started
asio::awaitable<Result<std::uint64_t>> start_detached(AgentLink& link, wire::Spawn spawn);

/// Those that run and those that ended last, oldest first.
asio::awaitable<Result<std::vector<wire::ProcessInfo>>> list_processes(AgentLink& link);

/// The one with this number, or the one that was started last.
/// @error not_found  there is no such
asio::awaitable<Result<wire::ProcessInfo>> find_process(AgentLink& link, std::optional<std::uint64_t> number);

/// Waits for its end.
asio::awaitable<Result<wire::ProcessInfo>> await_process(AgentLink& link, std::uint64_t number);

/// Writes out what is kept of its output; with `follow` also what comes until it ends.
/// @param found  called when it is known that there is such a process, before anything is written
/// @return how many bytes of the output are no longer kept
/// @error conflict  somebody else follows it now
asio::awaitable<Result<std::uint64_t>> show_output(AgentLink& link, std::uint64_t number, bool follow, ProgramIo& to,
                                                   std::function<void()> found);

}  // namespace sbx
