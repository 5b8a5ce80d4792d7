#pragma once

#include "core/inflate.hpp"

#include <span>
#include <string_view>

namespace sbx::wire {

/// The agent's program for one architecture, embedded in this binary.
struct AgentImage {
    DeflatedFile program;
    /// Of all that its volume holds, 64 hexadecimal digits: the SHA-256 of the sums, `;` between them, of the agent and
    /// of each runner.
    std::string_view content_sha256;
};

/// @param architecture  as engines name it: "amd64" (or "x86_64"), "arm64" (or "aarch64")
/// @return nullptr when there is no agent for it
const AgentImage* agent_image(std::string_view architecture);

/// A file of runners/: what runs inside a sandbox, beside the agent in its volume.
struct Runner {
    std::string_view path;  ///< "python/sitecustomize.py"
    DeflatedFile content;
};
std::span<const Runner> runners();

}  // namespace sbx::wire
