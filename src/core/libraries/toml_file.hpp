#pragma once

#include "sbx/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sbx {

/// The texts of a list at the top of a TOML document.
/// @param name  the document's, for errors
/// @return empty where there is no such key
/// @error invalid_argument  no TOML, or the key has no list of texts
Result<std::vector<std::string>> toml_strings(std::string_view toml, std::string_view key, std::string_view name);

/// A text at the top of a TOML document.
/// @return empty where there is no such key
/// @error invalid_argument  no TOML, or the key has something else
Result<std::string> toml_string(std::string_view toml, std::string_view key, std::string_view name);

/// A Cargo.toml that only has the dependencies of another one.
/// @return empty where it has none
/// @error invalid_argument  no TOML, or one that is not from a registry
Result<std::string> cargo_dependencies(std::string_view toml, std::string_view name);

}  // namespace sbx
