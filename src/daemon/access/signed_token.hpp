#pragma once

#include "daemon/access/token_rules.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace sbx::daemon {

/// Whom a token speaks for. Neither text is empty or holds a control character.
struct TokenIdentity {
    std::string tenant;
    std::string subject;
    bool operator==(const TokenIdentity&) const = default;
};

constexpr std::size_t most_token_bytes = std::size_t{16} << 10;

/// Verifies a JSON Web Token as LibreChat makes them. `typ` may be missing, and so may be `tenant_id` and `role`; a
/// token may come again. A key is found by `kid`, unless it is the only one of its algorithm's kind and has no id.
/// @error unauthenticated  it does not count; the same words whatever the reason is
/// @source RFC 7519; RFC 7515; RFC 8725
Result<TokenIdentity> verify(const TokenRules& rules, std::string_view token,
                             std::chrono::system_clock::time_point now);

}  // namespace sbx::daemon
