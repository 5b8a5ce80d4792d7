#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sbx::daemon {

/// A part of a file; of length 0: it begins beyond the end.
struct ByteRange {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;

    bool operator==(const ByteRange&) const = default;
};

/// One range in bytes, as a request's Range has it. What is malformed, or more than one, counts as absent.
/// @source RFC 9110, section 14.2
std::optional<ByteRange> parse_byte_range(std::string_view header, std::uint64_t size);

}  // namespace sbx::daemon
