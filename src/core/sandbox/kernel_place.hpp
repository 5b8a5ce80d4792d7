#pragma once

#include "core/sandbox/kernel.hpp"
#include "sbx/language.hpp"

#include <string>

namespace sbx {

/// The kernel of a language in a context.
/// @error invalid_argument  the context's name is none
/// @error not_found         the language has no kernel; the hint names those that have one
Result<KernelPlace> kernel_place(const Language& language, const std::string& context);

/// The kernel that a program is, by its arguments; nothing: it is none.
std::optional<KernelPlace> kernel_of(const std::vector<std::string>& argv);

/// The languages that have a kernel: "python, javascript and bash".
std::string kernel_languages();

}  // namespace sbx
