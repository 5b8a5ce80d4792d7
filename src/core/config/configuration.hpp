#pragma once

#include "core/config/directories.hpp"
#include "core/config/settings.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace sbx {

/// Everything that settings come from, strongest first.
struct SettingSources {
    std::map<std::string, std::string> flags;  ///< text by key: {"limits.memory", "1g"}
    Environment environment;
    std::filesystem::path named_file;   ///< --config; must exist; empty: none
    std::filesystem::path user_file;    ///< may be absent
    std::filesystem::path system_file;  ///< may be absent
};

/// The sources of this process.
SettingSources setting_sources(std::filesystem::path named_file);

struct Configuration {
    Settings settings;
    std::map<std::string, std::string> origins;  ///< by key: "--memory", "SBX_MEMORY" or a file; else the default

    /// "default" for what nobody set.
    std::string origin(const std::string& key) const;
};

/// Reads and merges. A `--disk` that nobody set follows a smaller `--memory` down to its half.
/// @error invalid_argument  a value or a key is wrong, which says where it was written; the named file can't be read
Result<Configuration> load_configuration(const SettingSources& sources);

}  // namespace sbx
