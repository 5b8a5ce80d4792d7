#pragma once

#include "sbx/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sbx {

/// One value of a settings file as the text a user would give the flag.
struct FileValue {
    std::string key;   ///< "limits.memory"
    std::string text;  ///< "512m"
    std::size_t line = 0;

    bool operator==(const FileValue&) const = default;
};

/// @param name  the file's, for errors
/// @error invalid_argument  not TOML, or a list, a date or the like where a value should be
Result<std::vector<FileValue>> parse_settings(std::string_view toml, std::string_view name);

/// The items of a value that is a list: commas or spaces are between them.
std::vector<std::string> items_of(std::string_view text);

/// `toml` with one value changed or added; comments and order stay.
/// @param literal  a TOML value
std::string with_setting(std::string_view toml, std::string_view key, std::string_view literal);

/// `text` as a TOML string.
std::string toml_string(std::string_view text);

/// @error not_found          no such file
/// @error permission_denied  it cannot be read
/// @error too_large          above 1 MiB
Result<std::string> read_settings_file(const std::filesystem::path& path);

}  // namespace sbx
