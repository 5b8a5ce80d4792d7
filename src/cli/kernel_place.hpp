#pragma once

#include "core/sandbox/kernel.hpp"

namespace sbx::cli {

/// The kernel of a language in a context.
/// @param language  as the table of languages has it
/// @error invalid_argument  the context's name is none
/// @error not_found         the language has no kernel
Result<KernelPlace> kernel_place(std::string_view language, const std::string& context);

}  // namespace sbx::cli
