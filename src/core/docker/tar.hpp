#pragma once

#include "sbx/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sbx::docker {

struct TarEntry {
    std::string path;
    std::string bytes;
    unsigned mode = 0644;
    std::string link_to;       ///< not empty: a hard link to an earlier entry; it has no bytes
    bool is_symbolic = false;  ///< `link_to` is a symbolic link's
    bool is_file = true;       ///< a regular file or a hard link

    bool operator==(const TarEntry&) const = default;
};

/// An uncompressed tar (pax, where ustar does not suffice) of files owned by root, without times.
Result<std::string> write_tar(const std::vector<TarEntry>& entries);

/// Reads an uncompressed tar.
/// @error too_large         the entries' bytes are more than `max_bytes`
/// @error invalid_argument  it is not a tar
Result<std::vector<TarEntry>> read_tar(std::string_view tar, std::size_t max_bytes);

}  // namespace sbx::docker
