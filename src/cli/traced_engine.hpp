#pragma once

#include "cli/open_engine.hpp"
#include "core/docker/client.hpp"

namespace sbx::cli {

/// Tells of the engine's calls on stderr; nothing unless SBX_DEBUG is set or `debug`.
docker::Trace debug_trace(const Context& context, bool debug);

/// As `open_engine`. @param trace  told of every call; may be empty
Result<OpenEngine> open_traced_engine(asio::any_io_executor executor, const Settings& settings, docker::Trace trace);

}  // namespace sbx::cli
