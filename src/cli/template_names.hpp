#pragma once

#include "cli/context.hpp"

namespace sbx::cli {

/// The command line that completion scripts use; nobody types it.
inline constexpr const char* template_names_word = "__templates";

/// Prints what the user's and the system's templates are called by, one a line.
void print_template_names(Context& context);

}  // namespace sbx::cli
