#pragma once

#include <chrono>
#include <cstddef>

namespace sbx::daemon {

/// Bounds of SECURITY-TARGETS §6.
struct HttpLimits {
    std::size_t target_bytes = std::size_t{8} << 10;
    std::size_t head_bytes = std::size_t{32} << 10;
    std::size_t head_fields = 64;
    std::size_t chunk_line_bytes = 256;
    std::chrono::seconds head_time{10};
    std::chrono::seconds body_time{30};  ///< and a second more for each MiB
    std::chrono::seconds idle_time{75};
    std::chrono::seconds write_stall{30};
    std::size_t connections = 512;                     ///< the longest idle ones go first when they run short
    std::size_t connections_per_address = 64;          ///< of remote peers; `Exchange::note` takes one out of the count
    std::size_t message_bytes = std::size_t{1} << 20;  ///< of a WebSocket's message
    std::chrono::seconds ping_interval{20};
    std::chrono::seconds silence{60};  ///< after which a WebSocket's peer counts as gone
};

}  // namespace sbx::daemon
