#pragma once

#include "sbx/language.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sbx::cli {

/// The library whose absence a program or its compiler complained of last, by the name that its package index has for
/// it: `import cv2` wants opencv-python-headless.
/// @param stderr_tail  the end of what it wrote
std::optional<std::string> missing_library(std::string_view stderr_tail, const Language& language);

}  // namespace sbx::cli
