#pragma once

#include <string_view>

namespace sbx {

/// Of this build, such as "0.1.0".
std::string_view version();

}  // namespace sbx
