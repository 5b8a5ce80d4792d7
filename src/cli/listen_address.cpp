#include "cli/listen_address.hpp"

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

#include <charconv>

namespace sbx::cli {
namespace {

namespace ip = boost::asio::ip;

bool read_port(std::string_view text, std::uint16_t& port)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size();
}

std::string_view without_brackets(std::string_view host)
{
    const bool has = host.size() > 2 && host.front() == '[' && host.back() == ']';
    return has ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view flag, std::string_view text)
{
    ListenAddress address;
    const std::size_t colon = text.rfind(':');
    const std::string_view typed = colon == std::string_view::npos ? std::string_view() : text.substr(0, colon);
    const std::string_view host = without_brackets(typed);
    const bool is_bare_v6 = host == typed && host.find(':') != std::string_view::npos;
    boost::system::error_code failed;
    if (!host.empty() && host != "localhost") address.host = ip::make_address(std::string(host), failed).to_string();
    if (failed || is_bare_v6 ||
        !read_port(colon == std::string_view::npos ? text : text.substr(colon + 1), address.port))
        return Error(Errc::invalid_argument, fmt::format("{}: '{}' is not HOST:PORT, the host an address", flag, text),
                     fmt::format("{} 127.0.0.1:8080", flag));
    return address;
}

bool is_loopback(const ListenAddress& address)
{
    return ip::make_address(address.host).is_loopback();
}

std::string shown(const ListenAddress& address)
{
    return ip::make_address(address.host).is_v6() ? fmt::format("[{}]:{}", address.host, address.port)
                                                  : fmt::format("{}:{}", address.host, address.port);
}

}  // namespace sbx::cli
