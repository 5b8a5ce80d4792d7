#pragma once

#include "cli/context.hpp"

#include <string>

namespace sbx::cli {

/// `sbx files watch`: tells what changes at a place in a sandbox until it is interrupted, the sandbox ends or the
/// directory is gone.
/// @param word  SANDBOX:PATH
void watch_files(const std::string& word, bool recursive, Context& context);

}  // namespace sbx::cli
