// What code inside the sandbox says to the proxies.
#include "agent/proxy_request.hpp"

#include <cstdint>
#include <cstdlib>

/// The first byte says whether a greeting of SOCKS came before.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
    using sbx::agent::ProxyRequest;
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(input) + 1, size - 1);
    const ProxyRequest request = sbx::agent::read_proxy_request(bytes, input[0] % 2 == 1);
    if (request.used > bytes.size() || request.early.size() > bytes.size() + 64) std::abort();
    if (request.state == ProxyRequest::State::complete && (request.host.empty() || request.port == 0)) std::abort();
    if (request.host.size() > 255) std::abort();
    return 0;
}
