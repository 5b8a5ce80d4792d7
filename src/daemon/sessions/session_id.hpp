#pragma once

#include <string>
#include <string_view>

namespace sbx::daemon {

/// A UUID of version 4.
std::string new_session_id();
bool is_session_id(std::string_view text);

}  // namespace sbx::daemon
