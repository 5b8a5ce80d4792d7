#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace sbx::cli {

// Reads and writes that never wait, on descriptors whose flags belong to whoever shares them. What cannot be done at
// once, or not on this system or this kind of file, is left to a call that may block.

/// @return the bytes read, 0 at the end of input; nothing when that would block
std::optional<std::size_t> read_at_once(int descriptor, std::span<char> into);

/// @return the bytes written, maybe 0; failures are for the call that may block to find
std::size_t write_at_once(int descriptor, std::span<const char> bytes);

}  // namespace sbx::cli
