#pragma once

#include "cli/context.hpp"
#include "core/docker/endpoint.hpp"
#include "sbx/engine.hpp"

#include <memory>
#include <string>

namespace sbx::cli {

/// An engine and where it is.
struct OpenEngine {
    std::unique_ptr<Engine> engine;
    std::string endpoint;  ///< as a user would write it
};

/// Where settings, environment and Docker's own files say that the engine is.
/// @error unavailable, invalid_argument  see docker::find_endpoint
Result<docker::Endpoint> configured_endpoint(const Settings& settings);

/// The engine that settings, environment and Docker's own files lead to. Connects at its first call. With SBX_DEBUG set
/// or `debug` every call is told on stderr: method, path, status, time, never a value.
/// @error unavailable, invalid_argument  see docker::find_endpoint
Result<OpenEngine> open_engine(asio::any_io_executor executor, const Context& context, const Settings& settings,
                               bool debug);

}  // namespace sbx::cli
