#pragma once

#include "sbx/egress.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::cli {

/// System calls that programs try and the sandbox's filter refuses to everybody.
std::vector<std::string_view> refused_calls();

/// The next step after a program's own failure, where it is known: a file that the program missed stands on this host
/// and was not passed on; or which system call it was that is not permitted.
/// @param stderr_tail  the last words of the program
/// @param directory    of the script; names are looked up there and where this process is
/// @return one line for people, or nothing
std::optional<std::string> next_step(std::string_view stderr_tail, const std::filesystem::path& directory);

/// The same where it missed a host that it may not reach.
/// @param attempts  what it tried
/// @param allow     the words that allow a place which follows them: `--allow`
std::optional<std::string> next_step(std::string_view stderr_tail, const std::vector<NetworkAttempt>& attempts,
                                     std::string_view allow);

}  // namespace sbx::cli
