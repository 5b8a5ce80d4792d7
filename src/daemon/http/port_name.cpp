#include "daemon/http/port_name.hpp"

#include "daemon/http/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace sbx::daemon {
namespace {

constexpr std::size_t longest_label = 63;  // RFC 1035, section 2.3.4

/// `<port>-<id>`
std::optional<PortName> read_label(std::string_view label)
{
    const std::size_t dash = label.find('-');
    if (dash == std::string_view::npos || label.size() > longest_label || label.front() == '0') return std::nullopt;
    const std::string_view id = label.substr(dash + 1);
    unsigned number = 0;
    const auto [end, failed] = std::from_chars(label.data(), label.data() + dash, number);
    if (failed != std::errc() || end != label.data() + dash || number > std::numeric_limits<std::uint16_t>::max())
        return std::nullopt;
    const auto is_of_id = [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; };
    if (id.empty() || !std::all_of(id.begin(), id.end(), is_of_id)) return std::nullopt;
    PortName name;
    name.port = static_cast<std::uint16_t>(number);
    name.sandbox = id;
    std::transform(id.begin(), id.end(), name.sandbox.begin(), lower);
    return name;
}

}  // namespace

std::optional<PortName> read_port_name(std::string_view name, const std::vector<std::string>& domains)
{
    for (const std::string& domain : domains) {
        if (domain.empty() || name.size() < domain.size() + 2) continue;
        const std::size_t dot = name.size() - domain.size() - 1;
        if (name[dot] == '.' && equals_ignoring_case(name.substr(dot + 1), domain))
            if (auto port = read_label(name.substr(0, dot))) return port;
    }
    return std::nullopt;
}

}  // namespace sbx::daemon
