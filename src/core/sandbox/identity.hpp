#pragma once

#include "sbx/language.hpp"
#include "sbx/run.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sbx {

/// The 32 digits of a random UUID (version 4).
std::string new_execution_id();

/// Gives a run its id, unless it has one, and its sandbox's labels, and says whether an interpreter that waits may
/// serve it.
/// @param instance  who makes the sandbox
/// @param modules   that the interpreter has imported ahead
void identify(RunRequest& request, std::string_view instance, const Language& language,
              const std::vector<std::string>& modules);

}  // namespace sbx
