#pragma once

#include <cstdint>

namespace sbx::wire {

/// Owner → agent, of a stream whose data become files: so much more than `initial_window` that a copy never waits for
/// credit. Such a stream is short-lived, and its bytes go on at once.
inline constexpr std::uint32_t file_window = 1U << 20;

}  // namespace sbx::wire
