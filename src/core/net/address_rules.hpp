#pragma once

#include "sbx/result.hpp"

#include <boost/asio/ip/address.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sbx {

/// A block of addresses: `192.0.2.0/24`, `2001:db8::/32`, or one address.
struct AddressRange {
    boost::asio::ip::address base;
    unsigned bits = 0;  ///< that an address must share with `base`

    bool contains(const boost::asio::ip::address& address) const;
};

/// @param name  what an error blames: `egress.permit`
/// @error invalid_argument
Result<AddressRange> parse_address_range(std::string_view name, std::string_view text);

/// Which addresses sbx connects to for programs of a sandbox: public ones, and those that the operator permits.
class AddressRules {
   public:
    AddressRules() = default;
    explicit AddressRules(std::vector<AddressRange> permitted) : permitted_(std::move(permitted)) {}

    /// @param own  addresses of this machine
    /// @return why the address is refused ("a private address"), or nothing: then it may be connected to
    std::string refusal(const boost::asio::ip::address& address,
                        const std::vector<boost::asio::ip::address>& own) const;

   private:
    bool permits(const boost::asio::ip::address& address) const;

    std::vector<AddressRange> permitted_;
};

/// The addresses of this machine's interfaces at this moment.
/// @error internal  the kernel does not tell them
Result<std::vector<boost::asio::ip::address>> own_addresses();

}  // namespace sbx
