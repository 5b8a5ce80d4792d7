#pragma once

#include <span>
#include <string_view>

namespace sbx::wire {

/// The agent's program for one architecture, embedded in this binary.
struct AgentImage {
    std::span<const char> bytes;
    std::string_view sha256;  ///< 64 hexadecimal digits
};

/// @param architecture  as engines name it: "amd64" (or "x86_64"), "arm64" (or "aarch64")
/// @return nullptr when there is no agent for it
const AgentImage* agent_image(std::string_view architecture);

}  // namespace sbx::wire
