#pragma once

#include "core/net/address_rules.hpp"
#include "core/net/resolver.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sbx {

using OutsideSocket = std::unique_ptr<boost::asio::ip::tcp::socket>;

/// Connects to the first of some addresses that answers; all but the last have a third of the time.
/// @param addresses  at least one
/// @error unavailable, deadline_exceeded  why the last one did not
/// @cancel terminal
boost::asio::awaitable<Result<OutsideSocket>> connect_to_one(std::vector<boost::asio::ip::address> addresses,
                                                             std::uint16_t port, std::chrono::milliseconds patience);

/// Connects to hosts outside. A name is resolved once: its addresses are checked, and exactly one that passed is
/// connected to, so an answer that is another one later changes nothing.
class Connector {
   public:
    /// @param resolver  outlives this
    Connector(Resolver& resolver, AddressRules rules, std::chrono::milliseconds patience = std::chrono::seconds(10))
        : resolver_(resolver), rules_(std::move(rules)), patience_(patience)
    {
    }

    /// @param host  as `normal_host` gives it
    /// @error permission_denied  each of its addresses is refused; the message says which and why
    /// @error not_found          there is no such name
    /// @error unavailable        nobody can be reached there
    /// @error deadline_exceeded
    /// @cancel terminal
    boost::asio::awaitable<Result<OutsideSocket>> connect(std::string host, std::uint16_t port);

   private:
    boost::asio::awaitable<Result<OutsideSocket>> find_and_connect(std::string host, std::uint16_t port);

    Resolver& resolver_;
    AddressRules rules_;
    std::chrono::milliseconds patience_;
};

}  // namespace sbx
