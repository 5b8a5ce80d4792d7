#pragma once

#include <string_view>

namespace sbx {

/// Of this build, such as "0.1.0".
std::string_view version();

/// When that version was fixed, such as "2026-11-21"; manual pages carry it.
std::string_view version_date();

}  // namespace sbx
