#pragma once

#include "sbx/result.hpp"

#include <filesystem>

namespace sbx {

/// Whether an archive, which came from a sandbox and so is hostile, holds nothing but files, directories and symbolic
/// links below its root: what an engine unpacks as root must bring neither devices nor places elsewhere.
/// @error permission_denied  it holds something else
/// @error invalid_argument   it is no tar, or is cut off
Result<void> check_archive(const std::filesystem::path& tar);

}  // namespace sbx
