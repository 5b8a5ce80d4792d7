#pragma once

#include "core/libraries/own_run.hpp"

namespace sbx {

/// Checks that an image's Python is one that a script can do with. An image is asked once, and its answer kept.
/// @param wanted  the script's `requires-python`
/// @param own     the answer is kept in the user's cache directory
/// @error invalid_argument  it is not, or `wanted` is no list of versions
/// @error unavailable       the image has no Python
/// @error what Run::execute gives
asio::awaitable<Result<void>> check_python(LibraryPlace place, std::string wanted, Directories own);

}  // namespace sbx
