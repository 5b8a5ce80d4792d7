#pragma once

#include "core/sandbox/kernel.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sbx {

/// What can be asked of a kernel without running code.
struct KernelQuestion {
    KernelAnswerType answer;
    nlohmann::json request;
};

KernelQuestion ask_variables();
/// @param cursor  in code points
KernelQuestion ask_completions(const std::string& code, std::size_t cursor);
KernelQuestion ask_completeness(const std::string& code);

/// A variable as its kernel describes it; the texts are hostile.
struct KernelVariable {
    std::string name;
    std::string type;
    std::string value;                                ///< the beginning of its text
    std::optional<std::uint64_t> length;              ///< where it has one
    std::optional<std::vector<std::uint64_t>> shape;  ///< likewise
    bool truncated = false;                           ///< the value goes on
};

std::vector<KernelVariable> variables_of(const KernelAnswer& answer);

/// What could stand in the place of the code points from `start` to `end`.
struct KernelCompletions {
    std::vector<std::string> matches;
    std::size_t start = 0;
    std::size_t end = 0;
};

KernelCompletions completions_of(const KernelAnswer& answer);

/// Whether code that somebody types wants another line.
struct KernelCompleteness {
    bool wants_more = false;
    std::string indent;  ///< of that line
};

KernelCompleteness completeness_of(const KernelAnswer& answer);

/// Asks once, in turn with others who talk to the kernel; starts it where there is none.
/// @error deadline_exceeded  it is busy, or does not answer
/// @error what KernelSession::open and KernelSession::question give
asio::awaitable<Result<KernelAnswer>> ask_kernel(KernelSession& kernel, KernelQuestion question,
                                                 std::optional<std::chrono::steady_clock::time_point> until);

/// Ends the kernel where there is one, in turn with others, and starts it anew.
/// @param place  whose environment and directory it has from then on
/// @error deadline_exceeded  it is busy
/// @error what KernelSession::open gives
asio::awaitable<Result<void>> restart_kernel(KernelSession& kernel, KernelPlace place,
                                             std::optional<std::chrono::steady_clock::time_point> until);

}  // namespace sbx
