#pragma once

#include <string>
#include <string_view>

namespace sbx {

/// A UUID of version 4.
std::string new_uuid();
bool is_uuid(std::string_view text);

}  // namespace sbx
