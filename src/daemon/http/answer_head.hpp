#pragma once

#include "daemon/http/exchange.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sbx::daemon {

/// How an answer's body ends.
struct AnswerFraming {
    enum class Kind { none, length, chunked };
    Kind kind = Kind::none;
    std::uint64_t length = 0;
    bool keep_alive = true;
};

/// Appends an answer's first lines to `out`, with the fields that every answer has. A field of `response` that would
/// break the head is left out.
/// @param date  as RFC 9110, section 5.6.7
void write_head(std::string& out, const Response& response, const AnswerFraming& framing, std::string_view id,
                std::string_view date);

/// The same of an answer that switches to `protocol`.
void write_switch(std::string& out, std::string_view protocol, const Headers& headers, std::string_view id);

/// Whether answers of this status have no body.
bool is_bodiless(unsigned status);

/// The length that a response's own fields tell.
std::optional<std::uint64_t> declared_length(const Response& response);

/// The JSON that clients get where this layer answers by itself.
Response error_answer(unsigned status, std::string_view message, std::string_view id);

}  // namespace sbx::daemon
