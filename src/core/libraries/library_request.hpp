#pragma once

#include "core/lang/package_index.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sbx {

struct ProjectFile {
    std::string name;
    std::string bytes;

    bool operator==(const ProjectFile&) const = default;
};

/// The libraries that a program wants.
struct LibraryRequest {
    const PackageIndex* index = nullptr;
    std::vector<std::string> requirements;  ///< as asked: sound, sorted, each once
    std::vector<ProjectFile> files;         ///< that name more of them; nothing of the project's own code
    std::string python;                     ///< the versions of it that the script can do with; empty: any

    bool empty() const { return requirements.empty() && files.empty(); }
};

/// What a script says of itself.
struct ScriptMetadata {
    std::vector<std::string> dependencies;
    std::string requires_python;  ///< empty: any

    bool operator==(const ScriptMetadata&) const = default;
};

/// @return empty where it has none
/// @error invalid_argument  the block is there and is wrong
/// @source PEP 723
Result<ScriptMetadata> script_metadata(std::string_view code);

/// What of a project's files an installer needs to know: names and versions of libraries, and what they were resolved
/// to, without the project's own scripts and targets.
/// @param directory  where they are looked for
/// @return empty where the deciding one is missing, or names no library
/// @error invalid_argument  one cannot be read or understood, or wants a library from elsewhere
Result<std::vector<ProjectFile>> project_files(const PackageIndex& index, const std::filesystem::path& directory);

}  // namespace sbx
