#pragma once

#include "core/descriptor.hpp"
#include "core/wire/messages.hpp"

#include <sys/stat.h>

#include <string>
#include <string_view>

namespace sbx::agent {

/// Whether a path that came in an archive or a request names something below its directory: relative, no `..`,
/// nothing empty, no NUL.
bool is_below(std::string_view path);

/// Whether a path is absolute and in its plain form: no `.`, no `..`, nothing empty, no NUL.
bool is_plain(std::string_view path);

/// Whether a plain path is at or below /proc, /sys or /dev, but not /dev/shm.
bool is_kernels_own(std::string_view path);

/// Whether operations take this path at all: plain, not too long, not the kernel's own. errno tells why not.
bool may_open(const std::string& path);

/// Opens an absolute directory. Never below /proc, /sys or /dev; no component may be a symbolic link, but
/// /work itself where the image has it so.
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

/// The last component of an absolute path, and the directory that has it; no directory, with errno, when there is none.
struct Place {
    Descriptor parent;
    std::string name;
};
Place open_place(const std::string& path);

/// Since 1970. Times that no 64 bits can hold, which any file may have, are the nearest that they can.
std::int64_t nanoseconds(const timespec& time);

/// What the owner is told of a file.
wire::Entry entry_of(const std::string& path, const struct stat& status);

}  // namespace sbx::agent
