#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace sbx::agent {

inline constexpr std::size_t max_dns_message = 512;

using Ipv4 = std::array<unsigned char, 4>;

/// The names that lead out of the sandbox.
class Names {
   public:
    virtual ~Names() = default;

    /// @param name  in lower case
    /// @return the address that stands for it inside
    virtual std::optional<Ipv4> find(std::string_view name) = 0;
    /// A program asked for the address of a name that leads nowhere.
    virtual void on_refused(std::string_view name) = 0;
};

/// Answers one DNS query (RFC 1035) of code inside the sandbox, which is hostile: `localhost`, `*.localhost` and
/// `sandbox` are 127.0.0.1, the names that lead out have addresses of their own, and none has an IPv6 address; every
/// other name does not exist.
/// @param reply  takes at most max_dns_message bytes
/// @return the reply's length, 0 when the query deserves none
std::size_t answer_dns(std::span<const char> query, std::span<char, max_dns_message> reply, Names& names);

}  // namespace sbx::agent
