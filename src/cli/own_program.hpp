#pragma once

#include <filesystem>

namespace sbx::cli {

/// The file of this program, links resolved.
std::filesystem::path own_program();

}  // namespace sbx::cli
