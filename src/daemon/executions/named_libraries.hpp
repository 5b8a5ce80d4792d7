#pragma once

#include "core/config/directories.hpp"
#include "core/config/image_preference.hpp"
#include "core/config/settings.hpp"
#include "core/libraries/libraries.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sbx::daemon {

/// Libraries as callers name them, installed where they are not yet. None are named: nothing.
/// @param engine, settings, own  outlive the call
/// @error invalid_argument, not_found  what is no name, or is not to be had
asio::awaitable<Result<std::optional<MountedLibraries>>> named_libraries(Engine& engine, std::string endpoint,
                                                                         const Settings& settings,
                                                                         const Directories& own,
                                                                         const Language& language, ChosenImage image,
                                                                         std::vector<std::string> names);

}  // namespace sbx::daemon
