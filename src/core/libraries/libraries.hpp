#pragma once

#include "core/libraries/install.hpp"

#include <functional>

namespace sbx {

/// What a sandbox needs to have a set: where it is mounted, and what its programs are told.
struct MountedLibraries {
    Mount mount;
    EnvironmentList variables;
};

/// Finds the set that is wanted, or installs it; of several callers one installs and the others wait.
/// @param installing  told once when an install begins; may be empty
/// @error not_found  `offline`, and it is not installed
/// @error what install_libraries gives
asio::awaitable<Result<MountedLibraries>> ensure_libraries(LibraryPlace place, LibraryRequest request,
                                                           InstallPolicy policy, Directories own,
                                                           std::function<void()> installing);

}  // namespace sbx
