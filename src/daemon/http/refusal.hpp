#pragma once

#include <string>
#include <utility>

namespace sbx::daemon {

/// Why this layer answers a request by itself.
struct Refusal {
    Refusal() = default;
    Refusal(unsigned status_, const char* event_, std::string message_)
        : status(status_), event(event_), message(std::move(message_))
    {
    }

    unsigned status = 400;
    const char* event = "";  ///< for the log: host_refused, origin_refused, protocol_error
    std::string message;     ///< for the client
};

}  // namespace sbx::daemon
