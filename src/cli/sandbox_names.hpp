#pragma once

#include "cli/context.hpp"

#include <string>

namespace sbx::cli {

/// The first word of a command line that completion scripts use; nobody types it.
inline constexpr const char* sandbox_names_word = "__sandboxes";

/// Prints what the sandboxes of this user that live are called by, one a line, without asking any engine.
/// @param suffix  what follows each: `:` where a path comes next
void print_sandbox_names(Context& context, const std::string& suffix);

}  // namespace sbx::cli
