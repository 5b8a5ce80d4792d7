#include "core/wire/agent_images.hpp"

extern "C" const char sbx_agent_amd64[];
extern "C" const char sbx_agent_amd64_end[];
extern "C" const char sbx_agent_arm64[];
extern "C" const char sbx_agent_arm64_end[];

// NOLINTBEGIN(bugprone-macro-parentheses): a declared name takes none
#define SBX_RUNNER(path, begin, end) \
    extern "C" const char begin[];   \
    extern "C" const char end[];
// NOLINTEND(bugprone-macro-parentheses)
#include "runners.inc"
#undef SBX_RUNNER

namespace sbx::wire {

const AgentImage* agent_image(std::string_view architecture)
{
    static const AgentImage amd64{.program = {{sbx_agent_amd64, sbx_agent_amd64_end}}, .content_sha256 =
#include "amd64/sha256.inc"
    };
    static const AgentImage arm64{.program = {{sbx_agent_arm64, sbx_agent_arm64_end}}, .content_sha256 =
#include "arm64/sha256.inc"
    };
    if (architecture == "amd64" || architecture == "x86_64") return &amd64;
    if (architecture == "arm64" || architecture == "aarch64") return &arm64;
    return nullptr;
}

std::span<const Runner> runners()
{
#define SBX_RUNNER(path, begin, end) Runner{path, {{begin, end}}},
    static const Runner all[] = {
#include "runners.inc"
    };
#undef SBX_RUNNER
    return all;
}

}  // namespace sbx::wire
