#pragma once

#include "cli/context.hpp"

#include <cstdint>

namespace sbx::cli {

/// A variable's number, or what counts without it.
/// @error invalid_argument  it is none, it is 0, or more than `most`
Result<std::uint32_t> variable_number(const Context& context, const char* name, std::uint32_t most,
                                      std::uint32_t usual);

}  // namespace sbx::cli
