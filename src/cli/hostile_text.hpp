#pragma once

#include <string>

namespace sbx::cli {

/// A name from inside never moves the cursor of who reads it: with control characters it is quoted and escaped.
std::string shown(const std::string& hostile);

}  // namespace sbx::cli
