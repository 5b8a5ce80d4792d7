#include "daemon/listening.hpp"

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace sbx::daemon {
namespace {

/// As a URL writes it.
std::string host_of(const ListenAddress& address)
{
    const bool is_v6 = address.address.find(':') != std::string::npos;
    return is_v6 ? fmt::format("[{}]", address.address) : address.address;
}

}  // namespace

bool is_loopback(const ListenAddress& address)
{
    boost::system::error_code failed;
    const auto parsed = asio::ip::make_address(address.address, failed);
    return address.is_local() || (!failed && parsed.is_loopback());
}

std::string shown(const ListenAddress& address, std::uint16_t port, bool has_tls)
{
    if (address.is_local()) return "unix:" + address.path;
    return fmt::format("{}://{}:{}", has_tls ? "https" : "http", host_of(address), port);
}

bool serves_interpreter(const Listen& listen)
{
    return std::ranges::find(listen.dialects, librechat::name) != listen.dialects.end();
}

Result<void> check_keys(const Listen& listen, const DaemonOptions& options, const Store& store)
{
    if (is_loopback(listen.address)) return {};
    const bool is_interpreter = serves_interpreter(listen);
    if (is_interpreter)
        if (const auto safe = options.interpreter.access.check_for_others(); !safe) return safe;
    if (store.requires_key() || (is_interpreter && listen.dialects.size() == 1)) return {};
    return Error(Errc::permission_denied,
                 fmt::format("others can reach {}, and there is no key", listen.address.address), "sbx key create");
}

AccessRules rules_of(const ListenAddress& address, const DaemonOptions& options)
{
    AccessRules rules;
    rules.port = address.port;
    rules.hosts = options.host_names;
    if (!address.is_local()) rules.hosts.push_back(host_of(address));
    rules.domains = options.domains;
    // Browsers take every name below it for this machine.
    if (is_loopback(address)) rules.domains.emplace_back("localhost");
    rules.allowed_origins = options.allowed_origins;
    rules.reading_origins = options.reading_origins;
    return rules;
}

}  // namespace sbx::daemon
