#include "core/net/host_name.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace sbx {
namespace {

constexpr std::size_t longest_name = 253;
constexpr std::size_t longest_label = 63;

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_label(std::string_view label)
{
    return !label.empty() && label.size() <= longest_label && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(
               label, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
}

bool is_number(std::string_view label)
{
    return label.starts_with("0x") || std::ranges::all_of(label, [](char c) { return c >= '0' && c <= '9'; });
}

/// The last label of a name is never a number: resolvers take `2130706433` and `0x7f.1` for addresses.
bool is_name(std::string_view text)
{
    if (text.size() > longest_name) return false;
    for (;;) {
        const std::size_t dot = text.find('.');
        const std::string_view label = text.substr(0, dot);
        if (!is_label(label)) return false;
        if (dot == std::string_view::npos) return !is_number(label);
        text.remove_prefix(dot + 1);
    }
}

}  // namespace

std::optional<std::string> normal_host(std::string_view text)
{
    boost::system::error_code no_address;
    const auto address = boost::asio::ip::make_address(std::string(text), no_address);
    if (!no_address && text.find('\0') == std::string_view::npos && text.find('%') == std::string_view::npos)
        return address.to_string();
    if (text.ends_with('.')) text.remove_suffix(1);
    std::string name(text);
    std::ranges::transform(name, name.begin(), lower);
    if (!is_name(name)) return std::nullopt;
    return name;
}

bool is_address(const std::string& host)
{
    boost::system::error_code no_address;
    boost::asio::ip::make_address(host, no_address);
    return !no_address;
}

}  // namespace sbx
