#pragma once

#include "core/store/database.hpp"

#include <span>
#include <string_view>

namespace sbx {

/// The steps that made the store what it is, the first one upon an empty file. They are never changed: what is to be
/// different is a further one.
std::span<const std::string_view> store_migrations();

/// Does the steps that the file has not seen, all of them or none. `PRAGMA user_version` counts them.
/// @error conflict  the file has seen more of them than there are: a newer sbx wrote it
Result<void> migrate(Database& database, std::span<const std::string_view> steps);

}  // namespace sbx
