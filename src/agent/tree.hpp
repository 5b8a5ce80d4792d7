#pragma once

#include "agent/descriptor.hpp"

#include <string>
#include <string_view>

namespace sbx::agent {

/// Whether a path that came in an archive or a request names something below its directory: relative, no `..`,
/// nothing empty, no NUL.
bool is_below(std::string_view path);

/// Opens an absolute directory. Never below /proc, /sys or /dev; no component may be a symbolic link.
/// errno tells why not.
Descriptor open_directory(const std::string& path);

/// Opens `path`, relative to `root`, as a directory, component by component and never through a symbolic link.
/// @param make  missing ones are made
Descriptor walk(int root, std::string_view path, bool make);

/// "a/b/c" as ("a/b", "c").
struct Split {
    std::string_view parent;
    std::string name;
};
Split split(std::string_view path);

}  // namespace sbx::agent
