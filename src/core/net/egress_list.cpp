#include "core/net/egress_list.hpp"

#include "core/net/host_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace sbx {
namespace {

constexpr std::string_view below_prefix = "*.";

/// HOST[:PORT] taken apart; the port is empty where there is none.
struct Words {
    std::string_view host;
    std::optional<std::string_view> port;
};

std::optional<Words> take_apart(std::string_view text)
{
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view host = text.substr(1, end - 1);
        const std::string_view rest = text.substr(end + 1);
        if (rest.empty()) return Words{host, std::nullopt};
        if (!rest.starts_with(':')) return std::nullopt;
        return Words{host, rest.substr(1)};
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
        return Words{text, std::nullopt};
    return Words{text.substr(0, colon), text.substr(colon + 1)};
}

std::optional<std::string> host_pattern(std::string_view host)
{
    if (host == "*") return std::string(host);
    if (!host.starts_with(below_prefix)) return normal_host(host);
    const auto below = normal_host(host.substr(below_prefix.size()));
    if (!below || is_address(*below)) return std::nullopt;
    return std::string(below_prefix) + *below;
}

/// @return 0 for `*`
std::optional<std::uint16_t> port_pattern(std::string_view text)
{
    std::uint16_t port = 0;
    if (text == "*") return port;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (ec != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

/// The host of a URL, with its port; nothing where it is none.
std::optional<std::string> place_of_url(std::string_view text)
{
    const std::size_t scheme = text.find("://");
    if (scheme == std::string_view::npos) return std::nullopt;
    std::string_view place = text.substr(scheme + 3);
    place = place.substr(0, place.find_first_of("/?#"));
    place = place.substr(place.rfind('@') + 1);
    const auto words = take_apart(place);
    if (!words || !normal_host(words->host) || (words->port && !port_pattern(*words->port))) return std::nullopt;
    return std::string(place);
}

/// What every program resolves to its own loopback.
bool is_inside(std::string_view host)
{
    return host == "localhost" || host == "sandbox" || host.ends_with(".localhost");
}

bool matches(const EgressRule& rule, std::string_view host, std::uint16_t port)
{
    if (rule.port != 0 && rule.port != port) return false;
    if (rule.host == "*") return true;
    if (!rule.host.starts_with(below_prefix)) return rule.host == host;
    const std::string_view suffix = std::string_view(rule.host).substr(1);
    return host.size() > suffix.size() && host.ends_with(suffix);
}

}  // namespace

Result<std::vector<EgressRule>> parse_egress_rule(std::string_view name, std::string_view text)
{
    if (const auto place = place_of_url(text))
        return Error(Errc::invalid_argument, fmt::format("{}: '{}' is a URL, not HOST or HOST:PORT", name, text),
                     fmt::format("the host alone: {}", *place));
    const auto words = take_apart(text);
    const auto host = words ? host_pattern(words->host) : std::nullopt;
    if (!host)
        return Error(Errc::invalid_argument, fmt::format("{}: '{}' is not HOST or HOST:PORT", name, text),
                     "example.org:443, say; names of other alphabets in their xn-- form");
    if (is_inside(*host))
        return Error(Errc::invalid_argument, fmt::format("{}: {} is the sandbox itself", name, *host),
                     "another machine's name, or its address");
    if (!words->port) return std::vector<EgressRule>{{*host, 80}, {*host, 443}};
    const auto port = port_pattern(*words->port);
    if (!port)
        return Error(Errc::invalid_argument, fmt::format("{}: '{}' is not a port", name, *words->port),
                     "it is 1 to 65535, or * for all");
    return std::vector<EgressRule>{{*host, *port}};
}

std::string format_egress_rule(const EgressRule& rule)
{
    const std::string port = rule.port == 0 ? "*" : fmt::format("{}", rule.port);
    const bool has_colons = rule.host.find(':') != std::string::npos;
    return has_colons ? fmt::format("[{}]:{}", rule.host, port) : fmt::format("{}:{}", rule.host, port);
}

EgressList::EgressList(std::vector<EgressRule> rules) : rules_(std::move(rules)) {}

bool EgressList::allows(std::string_view host, std::uint16_t port) const
{
    return std::ranges::any_of(rules_, [&](const EgressRule& rule) { return matches(rule, host, port); });
}

Result<void> EgressList::add(const std::vector<EgressRule>& rules)
{
    std::vector<EgressRule> all = rules_;
    for (const EgressRule& rule : rules)
        if (std::ranges::find(all, rule) == all.end()) all.push_back(rule);
    if (all.size() > most_egress_rules)
        return Error(Errc::resource_exhausted,
                     fmt::format("more than {} places (a host and a port each) are allowed", most_egress_rules),
                     "allow a wildcard: *.example.org");
    rules_ = std::move(all);
    return {};
}

Result<void> EgressList::remove(std::string_view name, std::string_view text)
{
    const Result<std::vector<EgressRule>> gone = parse_egress_rule(name, text);
    if (!gone) return gone.error();
    const bool all_ports = gone->size() > 1;
    const auto is_gone = [&](const EgressRule& rule) {
        return rule.host == gone->front().host && (all_ports || rule.port == gone->front().port);
    };
    if (std::erase_if(rules_, is_gone) > 0) return {};
    const EgressRule& wanted = gone->front();
    const auto wider =
        std::ranges::find_if(rules_, [&](const EgressRule& rule) { return matches(rule, wanted.host, wanted.port); });
    if (wider != rules_.end())
        return Error(Errc::not_found,
                     fmt::format("{} is allowed by {}, not by itself", text, format_egress_rule(*wider)),
                     fmt::format("deny {}", format_egress_rule(*wider)));
    return Error(Errc::not_found, fmt::format("{} is not allowed", text), "sbx inspect shows what is");
}

Result<void> EgressList::change(std::string_view name, const std::vector<std::string>& allow,
                                const std::vector<std::string>& deny)
{
    EgressList changed = *this;
    for (const std::string& text : deny)
        if (auto removed = changed.remove(name, text); !removed) return removed;
    for (const std::string& text : allow) {
        const Result<std::vector<EgressRule>> rules = parse_egress_rule(name, text);
        if (!rules) return rules.error();
        if (auto added = changed.add(*rules); !added) return added;
    }
    *this = std::move(changed);
    return {};
}

bool needs_proxy(const EgressRule& rule)
{
    return rule.port == 0 || rule.host.starts_with('*') || is_address(rule.host);
}

}  // namespace sbx
