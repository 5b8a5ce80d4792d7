#pragma once

#include "core/wire/connection_messages.hpp"
#include "core/wire/file_messages.hpp"
#include "core/wire/network_messages.hpp"
#include "core/wire/process_messages.hpp"

#include <string>
#include <string_view>

/// The control messages. Member names are the JSON keys; a missing key keeps its default, an unknown one is refused.
/// Every `std::string` is bytes: what is no clean UTF-8 travels as {"base64": "…"}. `after` is an earlier stream of the
/// same owner that must have ended well before this operation starts; when that one failed, so does this.
namespace sbx::wire {

/// @return the message as JSON text
template <class Message>
std::string encode(const Message& message);

/// @return why `json` is no such message, or nullptr
template <class Message>
const char* decode(std::string_view json, Message& message);

}  // namespace sbx::wire
