#pragma once

#include "core/config/directories.hpp"
#include "core/environment_list.hpp"
#include "sbx/result.hpp"

#include <string>
#include <utility>
#include <vector>

namespace sbx::cli {

using Variables = EnvironmentList;

/// What `-e` and `--env-file` say, files first. `K` alone is ours, and nothing where we have none.
/// In a file: one `K=V` or `K` a line, `#` starts a comment line; the value is taken as it stands.
/// @error invalid_argument  not a name, too many (128), too large (64 KiB)
/// @error not_found         no such file
Result<Variables> read_variables(const std::vector<std::string>& words, const std::vector<std::string>& files,
                                 const Environment& ours);

}  // namespace sbx::cli
