#pragma once

#include <cstddef>
#include <span>

namespace sbx::agent {

inline constexpr std::size_t max_dns_message = 512;

/// Answers one DNS query (RFC 1035) of code inside the sandbox, which is hostile: `localhost`, `*.localhost` and
/// `sandbox` are 127.0.0.1 and have no IPv6 address, every other name does not exist.
/// @param reply  takes at most max_dns_message bytes
/// @return the reply's length, 0 when the query deserves none
std::size_t answer_dns(std::span<const char> query, std::span<char, max_dns_message> reply);

}  // namespace sbx::agent
