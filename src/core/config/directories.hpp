#pragma once

#include "sbx/result.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sbx {

/// Looks a variable up. Empty values count as unset, as the XDG specification asks.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// The environment of this process.
Environment process_environment();

/// Where files of sbx belong. Nothing is created by asking.
/// @source XDG Base Directory Specification 0.8; relative paths in its variables are ignored
struct Directories {
    std::filesystem::path config;   ///< settings; empty without a home
    std::filesystem::path state;    ///< what must last; empty without a home
    std::filesystem::path cache;    ///< what can be made again; empty without a home
    std::filesystem::path runtime;  ///< sockets; always there: /run/sbx for root, else /tmp/sbx-UID

    bool operator==(const Directories&) const = default;
};

Directories directories(const Environment& environment, unsigned uid);

/// Makes `path` a directory of mode 0700 that is ours, or says why it is not. Links are not followed.
/// @error permission_denied  it is another user's, open to others, or cannot be made
Result<void> make_private_directory(const std::filesystem::path& path);

}  // namespace sbx
