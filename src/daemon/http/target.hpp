#pragma once

#include "daemon/http/message.hpp"
#include "sbx/result.hpp"

#include <string_view>

namespace sbx::daemon {

/// @param text  in origin form, from its slash on
/// @error invalid_argument  a percent sign without two digits, bytes that are not UTF-8, NUL; in the path also control
///                          characters and backslashes, encoded or not
Result<Target> parse_target(std::string_view text);

}  // namespace sbx::daemon
