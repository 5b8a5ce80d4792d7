#pragma once

#include "cli/context.hpp"

#include <map>
#include <string>

namespace sbx::cli {

/// Every file that is made from the tree of commands, by path: `man/sbx.1`, `completions/sbx.bash`, …
std::map<std::string, std::string> documents(Context& context);

}  // namespace sbx::cli
