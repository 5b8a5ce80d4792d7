#include "daemon/http/access_rules.hpp"

#include "daemon/http/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sbx::daemon {
namespace {

/// `name:port`, `[::1]:port`, or without the port.
struct Authority {
    std::string_view name;
    std::string_view port;  ///< digits; empty: none
};

std::optional<Authority> split_authority(std::string_view text)
{
    const std::size_t bracket = text.rfind(']');
    const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    Authority authority{text.substr(0, colon), {}};
    if (authority.name.empty()) return std::nullopt;
    if (colon == std::string_view::npos) return authority;
    authority.port = text.substr(colon + 1);
    const bool sound = !authority.port.empty() && authority.port.size() <= 5 &&
                       std::all_of(authority.port.begin(), authority.port.end(), is_digit);
    if (!sound) return std::nullopt;
    return authority;
}

bool is_bound_port(std::string_view text, std::uint16_t port)
{
    if (text.empty()) return port == 80 || port == 443;  // what a client leaves out
    unsigned number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number == port;
}

bool is_loopback_name(std::string_view name)
{
    constexpr std::array<std::string_view, 3> names = {"127.0.0.1", "localhost", "[::1]"};
    return std::any_of(names.begin(), names.end(), [&](auto known) { return equals_ignoring_case(name, known); });
}

/// What remains of an origin for a comparison with a Host: the scheme's own port is left out there.
std::optional<std::string_view> host_of(std::string_view origin)
{
    const auto strip = [&](std::string_view scheme, std::string_view port) -> std::optional<std::string_view> {
        if (!equals_ignoring_case(origin.substr(0, scheme.size()), scheme)) return std::nullopt;
        std::string_view host = origin.substr(scheme.size());
        if (host.ends_with(port)) host.remove_suffix(port.size());
        return host;
    };
    if (const auto host = strip("http://", ":80")) return host;
    return strip("https://", ":443");
}

std::string_view without_default_port(std::string_view host)
{
    for (const std::string_view port : {":80", ":443"})
        if (host.ends_with(port)) return host.substr(0, host.size() - port.size());
    return host;
}

}  // namespace

std::optional<Refusal> check_host(const AccessRules& rules, const http::fields& fields)
{
    const Refusal refusal(421, "host_refused", "this host is not served here");
    if (fields.count(http::field::host) != 1) return refusal;
    if (rules.port == 0) return std::nullopt;
    const std::string_view host = fields[http::field::host];
    const auto authority = split_authority(host);
    if (!authority) return refusal;
    if (is_loopback_name(authority->name) && is_bound_port(authority->port, rules.port)) return std::nullopt;
    const bool named = std::any_of(rules.hosts.begin(), rules.hosts.end(), [&](const std::string& known) {
        return equals_ignoring_case(host, known) || equals_ignoring_case(authority->name, known);
    });
    if (named || read_port_name(authority->name, rules.domains)) return std::nullopt;
    return refusal;
}

std::optional<PortName> named_port(const AccessRules& rules, const http::fields& fields)
{
    const auto authority = split_authority(fields[http::field::host]);
    if (!authority) return std::nullopt;
    return read_port_name(authority->name, rules.domains);
}

std::optional<Refusal> check_origin(const AccessRules& rules, const http::fields& fields)
{
    const std::size_t count = fields.count(http::field::origin);
    if (count == 0) return std::nullopt;
    const Refusal refusal(403, "origin_refused", "pages of this origin may not use this server");
    if (count > 1) return refusal;
    const std::string_view origin = fields[http::field::origin];
    for (const auto* allowed : {&rules.allowed_origins, &rules.reading_origins})
        if (origin != "null" && std::find(allowed->begin(), allowed->end(), origin) != allowed->end())
            return std::nullopt;
    const auto host = host_of(origin);
    const std::string_view own = fields[http::field::host];
    if (host && !host->empty() &&
        (equals_ignoring_case(*host, own) || equals_ignoring_case(*host, without_default_port(own))))
        return std::nullopt;
    return refusal;
}

bool is_json(const http::fields& fields)
{
    if (fields.count(http::field::content_type) != 1) return false;
    const std::string_view value = fields[http::field::content_type];
    const std::string_view type = trimmed(value.substr(0, value.find(';')));
    constexpr std::string_view family = "application/";
    constexpr std::string_view suffix = "+json";
    if (equals_ignoring_case(type, "application/json")) return true;
    return type.size() > family.size() + suffix.size() && equals_ignoring_case(type.substr(0, family.size()), family) &&
           equals_ignoring_case(type.substr(type.size() - suffix.size()), suffix);
}

}  // namespace sbx::daemon
