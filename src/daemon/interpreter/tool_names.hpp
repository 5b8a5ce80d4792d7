#pragma once

#include "sbx/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sbx::daemon {

/// What code calls a tool: `get_weather` of "get-weather". Blanks and dashes (in bash dots too) become `_`, other
/// characters but letters, digits and `_` go, a digit in front gets `_` before it, a word of the language `_tool`
/// behind.
std::string tool_function(std::string_view tool, bool is_bash);

/// @error invalid_argument  one has no name that code could use, or two have the same
Result<void> check_tools(const std::vector<std::string>& tools, bool is_bash);

}  // namespace sbx::daemon
