#pragma once

#include "core/config/directories.hpp"
#include "sbx/engine.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sbx::cli {

/// One line of `sbx doctor`.
struct Check {
    std::string name;
    bool ok = false;
    bool required = true;  ///< no run works without it
    std::string detail;
    std::string mend;  ///< what to do when it is not ok

    bool operator==(const Check&) const = default;
};

/// What was found out about the engine.
struct EngineFacts {
    EngineInfo info;
    std::chrono::system_clock::time_point our_time;  ///< when the answer came
    std::map<std::string, std::string> images;       ///< language to the local image it would run in
    std::optional<VolumeInfo> agent_volume;          ///< the current agent's
    std::string agent_hash;                          ///< empty: this sbx has no agent for the engine's architecture
};

std::vector<Check> engine_checks(const EngineFacts& facts);

/// An engine that did not answer.
Check unreachable(const Error& error);

/// @param self    this program's file
/// @param search  PATH
Check path_check(const std::string& program, const std::filesystem::path& self, const std::string& search);

std::vector<Check> directory_checks(const Directories& directories);

/// Whether a run would work.
bool all_required_ok(const std::vector<Check>& checks);

}  // namespace sbx::cli
