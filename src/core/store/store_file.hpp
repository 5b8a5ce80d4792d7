#pragma once

#include "core/store/database.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace sbx {

/// Where the daemon's store is, below the user's state directory.
std::filesystem::path store_path(const std::filesystem::path& state);

/// The store's file, ready for use.
struct StoreFile {
    StoreFile(Database opened, std::optional<std::filesystem::path> aside)
        : database(std::move(opened)), set_aside(std::move(aside))
    {
    }

    Database database;
    std::optional<std::filesystem::path> set_aside;  ///< where a damaged or alien file is now
};

/// What to do with a file that is damaged, or no store.
enum class Unsound {
    refuse,     ///< somebody else may have it open
    set_aside,  ///< rename it to `store.db.damaged-TIME`, and begin anew
};

/// Opens the store's file with its newest tables, and makes it with its directory where there is none: a file of mode
/// 0600 in a directory of mode 0700.
/// @param most_bytes  as in `Database::open`
/// @error permission_denied  file or directory is open to others, another user's, or no file
/// @error conflict           a newer sbx wrote it
/// @error unavailable        it cannot be read or written; or it is unsound and to be refused
Result<StoreFile> open_store_file(const std::filesystem::path& path, Unsound unsound, std::uint64_t most_bytes);

/// Opens the store's file to read it, whoever else has it open.
/// @return nothing when there is none
/// @error permission_denied  as above
/// @error conflict           an older or a newer sbx wrote it
/// @error unavailable        it cannot be read, or is unsound
Result<std::optional<Database>> open_store_to_read(const std::filesystem::path& path);

}  // namespace sbx
