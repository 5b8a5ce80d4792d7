#pragma once

#include "daemon/http/message.hpp"
#include "daemon/http/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace sbx::daemon {

/// Where a request ends, and what becomes of its connection.
struct Framing {
    bool chunked = false;
    std::uint64_t length = 0;  ///< of the body, where it is not chunked
    bool keep_alive = true;
    bool expects_continue = false;
    bool upgrades = false;  ///< the connection is to speak another protocol

    bool has_body() const { return chunked || length > 0; }
};

/// Whether a list of words, which may be spread over several fields, holds `word`, in any case.
/// @source RFC 9110, section 5.6.1
bool lists(const http::fields& fields, http::field name, std::string_view word);

/// Reads it off a head. Whatever two servers could take differently is refused: else a proxy in front of this one could
/// be made to see other requests than are served.
/// @return nothing where `framing` is set
/// @source RFC 9112, sections 6 and 9; SECURITY-TARGETS §6
std::optional<Refusal> read_framing(http::verb method, const http::fields& fields, Framing& framing);

}  // namespace sbx::daemon
