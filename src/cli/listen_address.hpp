#pragma once

#include "sbx/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sbx::cli {

/// Where a command listens on this machine.
struct ListenAddress {
    std::string host = "127.0.0.1";  ///< an address, never a name
    std::uint16_t port = 0;          ///< 0: any that is free

    bool operator==(const ListenAddress&) const = default;
};

/// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`; without a host (`:8080`, `8080`) this machine alone.
/// @param flag  what an error blames
/// @error invalid_argument
Result<ListenAddress> parse_listen_address(std::string_view flag, std::string_view text);

/// Whether only this machine reaches it.
bool is_loopback(const ListenAddress& address);

/// `127.0.0.1:8080`, `[::1]:8080`
std::string shown(const ListenAddress& address);

}  // namespace sbx::cli
