// Queries of code inside the sandbox to the agent's resolver.
#include "agent/dns_answer.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
    std::array<char, sbx::agent::max_dns_message> reply;
    if (size > sbx::agent::max_dns_message) return 0;
    const std::size_t length = sbx::agent::answer_dns({reinterpret_cast<const char*>(input), size}, reply);
    if (length > reply.size()) std::abort();
    if (length > 0 && (reply[2] & 0x80) == 0) std::abort();
    return 0;
}
