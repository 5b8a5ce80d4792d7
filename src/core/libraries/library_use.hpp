#pragma once

#include "core/config/settings.hpp"
#include "core/libraries/libraries.hpp"
#include "sbx/run.hpp"

namespace sbx {

/// How the operator's settings want libraries to be installed.
InstallPolicy install_policy(const Settings& settings, const Environment& environment);

/// Lets a run have them.
void use_libraries(RunRequest& request, const LibraryRequest& wanted, const MountedLibraries& libraries);

}  // namespace sbx
