#pragma once

#include "sbx/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::cli {

/// What a value of a result or a display is as a file: its bytes, its text, or its JSON.
/// @return nothing where it should be bytes and is not
std::optional<std::string> content_of(std::string_view mime, const nlohmann::ordered_json& value);

/// What became of the values that were to be files.
struct SavedValues {
    std::vector<std::filesystem::path> files;
    std::vector<std::string> warnings;  ///< of those that were left out
};

/// Writes the values that are no text as `1.png` and so on, the first number that is free, into the directory, which is
/// made.
/// @error permission_denied, unavailable  they cannot be written
Result<SavedValues> save_values(const nlohmann::ordered_json& data, const std::filesystem::path& directory);

}  // namespace sbx::cli
