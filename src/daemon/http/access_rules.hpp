#pragma once

#include "daemon/http/message.hpp"
#include "daemon/http/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sbx::daemon {

/// The names under which a listener serves (SECURITY-TARGETS §6).
struct AccessRules {
    std::uint16_t port = 0;                    ///< that it is bound to; 0 on a Unix socket, where any Host is right
    std::vector<std::string> hosts;            ///< beside 127.0.0.1, localhost and [::1]; with or without a port
    std::vector<std::string> domains;          ///< `<port>-<id>.<domain>` is right for these, with any port behind it
    std::vector<std::string> allowed_origins;  ///< of pages that are served elsewhere; exact
    std::vector<std::string> reading_origins;  ///< of those whose pages may also read what is answered
};

/// @return nothing where it may go on
std::optional<Refusal> check_host(const AccessRules& rules, const http::fields& fields);
/// The port of a sandbox that a Host names which `check_host` took.
std::optional<PortName> named_port(const AccessRules& rules, const http::fields& fields);
/// A page of opaque origin (`null`) is never one of those that are allowed: anybody's may be.
std::optional<Refusal> check_origin(const AccessRules& rules, const http::fields& fields);

/// Whether the body's type is what a page of another origin cannot send unasked.
bool is_json(const http::fields& fields);

}  // namespace sbx::daemon
