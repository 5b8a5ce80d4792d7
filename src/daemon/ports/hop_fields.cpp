#include "daemon/ports/hop_fields.hpp"

#include "daemon/http/ascii.hpp"
#include "daemon/http/framing.hpp"

#include <algorithm>
#include <array>

namespace sbx::daemon {
namespace {

constexpr std::array<std::string_view, 8> always = {"Connection", "Expect",  "HTTP2-Settings",    "Keep-Alive",
                                                    "TE",         "Trailer", "Transfer-Encoding", "Upgrade"};
constexpr std::string_view of_proxies = "Proxy-";

}  // namespace

bool is_for_next_hop(const http::fields& message, std::string_view name)
{
    return equals_ignoring_case(name.substr(0, of_proxies.size()), of_proxies) ||
           std::any_of(always.begin(), always.end(), [&](auto known) { return equals_ignoring_case(name, known); }) ||
           lists(message, http::field::connection, name);
}

}  // namespace sbx::daemon
