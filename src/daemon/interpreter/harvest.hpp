#pragma once

#include "daemon/interpreter/file_reference.hpp"
#include "daemon/interpreter/stored_content.hpp"
#include "sbx/execution.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sbx::daemon {

/// A file that a run made, or that it gave another content.
struct ProducedFile {
    IndexedFile file;
    std::optional<std::size_t> replaces;  ///< the number of the mounted file that it was
    std::optional<PictureSize> picture;
};

/// What a run left behind.
struct Harvest {
    std::vector<ProducedFile> produced;  ///< by name
    std::vector<std::string> failed;     ///< names of those that could not be kept
    std::vector<std::string> beyond;     ///< of those that were more than may be kept
};

/// What is taken of the files that a run changed.
struct HarvestRules {
    std::string session;           ///< of the run
    std::uint64_t file_bytes = 0;  ///< a file may have
    std::size_t most = 0;          ///< new files
};

/// Whether a changed file is taken out of its sandbox.
bool is_harvested(const ChangedFile& file, const HarvestRules& rules);

/// Keeps the files that were taken out into `from`. Contents that are as they were are no results, nor is what became
/// of a file that may only be read. Blocks.
/// @param changed  all that the run made or changed
Harvest harvest(const StoredFiles& files, const std::filesystem::path& from, const std::vector<ChangedFile>& changed,
                const std::vector<MountedFile>& mounted, const HarvestRules& rules);

}  // namespace sbx::daemon
