#pragma once

#include "cli/open_engine.hpp"
#include "cli/progress.hpp"
#include "cli/run_source.hpp"
#include "core/config/settings.hpp"
#include "core/lang/image_choice.hpp"
#include "core/libraries/library_use.hpp"
#include "sbx/run.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sbx::cli {

/// The flags that ask for libraries, as typed.
struct LibraryFlags {
    std::vector<std::string> with;
    std::string requirements;  ///< a file
    bool none = false;         ///< whatever the script or a project's files say
    bool offline = false;
    bool upgrade = false;

    bool empty() const { return with.empty() && requirements.empty(); }
};

void add_library_flags(CLI::App& command, LibraryFlags& flags);

/// What the flags, the script's own metadata and the files beside it ask for.
/// @param source  its language counts; where it has no script only the flags do
/// @error invalid_argument, not_found  a name, a file or a language has no libraries
Result<LibraryRequest> find_libraries(const LibraryFlags& flags, const Source& source);

/// Takes the files of a project that a lone script of it needs beside itself.
void add_project_files(RunRequest& request, const LibraryRequest& wanted, const std::filesystem::path& project);

/// How they are installed.
InstallPolicy install_policy(const Settings& settings, const LibraryFlags& flags, const Environment& environment);

/// The set for an image, installed when it is not yet; nothing when none is wanted. Where the script says which Python
/// it can do with, the image's is looked at first.
/// @error what check_python and ensure_libraries give
asio::awaitable<Result<std::optional<MountedLibraries>>> get_libraries(const OpenEngine& open, LibraryRequest request,
                                                                       InstallPolicy policy, ChosenImage image,
                                                                       Directories own, ProgressSink progress);

}  // namespace sbx::cli
