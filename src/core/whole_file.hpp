#pragma once

#include "sbx/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace sbx {

/// @return the file's bytes, or nothing when it cannot be read
std::optional<std::string> read_whole_file(const std::filesystem::path& path);

/// Writes aside and renames, so that a reader sees the old content or all of the new one. Makes missing directories.
/// @param mode  permission bits of a new file
/// @error permission_denied, unavailable (its disk is full), conflict  as this host says
Result<void> write_whole_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode = 0600);

}  // namespace sbx
