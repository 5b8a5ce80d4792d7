#pragma once

#include "sbx/result.hpp"

#include <string_view>

namespace sbx {

/// Whether a version of Python is one that a project or script says it can do with.
/// @param specifiers  `>=3.11,<4`, as in `requires-python`
/// @param version     as the interpreter tells it
/// @error invalid_argument  the specifiers are not of that form
/// @source PEP 440, "Version specifiers"
Result<bool> is_python_allowed(std::string_view specifiers, std::string_view version);

}  // namespace sbx
