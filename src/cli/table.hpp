#pragma once

#include <string>
#include <vector>

namespace sbx::cli {

/// Rows with their columns aligned, two spaces between, the first row being the heads. Nothing when there is no
/// other row.
std::string format_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace sbx::cli
