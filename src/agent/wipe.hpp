#pragma once

namespace sbx::agent {

/// For a worker's child, as the user of the programs, when none of them lives: takes away all that they can have left
/// in the sandbox, whatever they did to keep it.
/// @return what could not be taken away, with errno, or nullptr
const char* wipe_sandbox();

}  // namespace sbx::agent
