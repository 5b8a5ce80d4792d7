#pragma once

#include "sbx/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace sbx {

/// What an unpacking made and left aside.
struct Unpacked {
    std::set<std::string> files;  ///< by their paths
    std::uint64_t bytes = 0;
    std::uint64_t entries = 0;          ///< of the stream, and directories that had to be made for them
    std::vector<std::string> left_out;  ///< links and special files, which are never made on this host
};

/// Gives the next bytes of an archive, valid until the next call; nothing at its end.
using ArchiveSource = std::function<std::span<const char>()>;

/// Unpacks a tar stream that came from a sandbox, and so is hostile, below `directory`, which is made when missing.
/// Only regular files and directories are made; no link is followed, neither one of the stream nor one that stands
/// below `directory`; a file appears whole, by rename, and belongs to the caller. Blocks.
/// @param next         may block; is not asked for more than the archive needs
/// @param limit_bytes  more content than this is an error
/// @error invalid_argument  the stream is no tar, or names a place outside
/// @error conflict          a name is taken by something that a file cannot replace
/// @error too_large         more than `limit_bytes`, a sparse file's holes included, or more than 65,536 entries
/// @error permission_denied, unavailable  this host refuses, its disk is full
Result<Unpacked> unpack_below(const std::filesystem::path& directory, const ArchiveSource& next,
                              std::uint64_t limit_bytes);

}  // namespace sbx
