#pragma once

#include "sbx/result.hpp"

#include <filesystem>
#include <string_view>

namespace sbx::cli {

/// Writes a file that the user named. Links are followed and keep their place, a file is replaced whole; a device, a
/// pipe or a descriptor of ours (`/dev/stderr`, `/dev/fd/3`) is written to as it is.
/// @error permission_denied, unavailable (its disk is full), conflict  as this host says
Result<void> write_result_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace sbx::cli
