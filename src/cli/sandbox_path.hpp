#pragma once

#include "sbx/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sbx::cli {

/// A place in a sandbox, as in `build:/work/x`.
struct SandboxPath {
    std::string sandbox;
    std::string path;        ///< absolute, without dots; what is relative is below /work
    bool is_folder = false;  ///< a slash ended it
};

/// Nothing when the word has no colon, or a slash before it: then it is a file of this host.
std::optional<SandboxPath> parse_sandbox_path(std::string_view word);

/// @error invalid_argument  it is a file of this host
Result<SandboxPath> need_sandbox_path(std::string_view word);

/// The directory that a path is in, and its name there.
std::pair<std::string, std::string> parent_and_name(const std::string& path);

}  // namespace sbx::cli
