#pragma once

#include "agent/channels.hpp"
#include "agent/poll_set.hpp"
#include "core/descriptor.hpp"

namespace sbx::agent {

/// A connected socket joined to a stream: bytes go both ways under credit, and each direction ends by itself.
class Splice {
   public:
    Splice(StreamId stream, std::uint32_t window)
        : stream_(stream), inlet_(stream, wire::Channel::input), outlet_(stream, wire::Channel::input, window)
    {
    }

    /// From now on bytes move; what the owner sent before is written first.
    /// @param early  sent to the owner before all that the socket has
    /// @pre early.size() is no more than the window
    void open(Descriptor socket, Uplink& uplink, std::string early = {});
    bool is_open() const { return static_cast<bool>(socket_); }

    /// @param target  whose `on_ready` calls this one's
    void collect(PollSet& set, Uplink& uplink, Pollable& target);
    void on_ready(int fd, short events, Uplink& uplink);
    /// Passes on the end of either direction, and what was sent early.
    void advance(Uplink& uplink);
    /// Both directions have ended.
    bool is_over() const { return output_ended_ && input_ended_; }
    /// Whoever is at the other end of the socket sees a broken connection, not an end.
    void reset();

    const char* take(std::uint8_t channel, std::span<const char> bytes, Uplink& uplink);
    const char* end(std::uint8_t channel, Uplink& uplink);
    const char* add_credit(std::uint8_t channel, std::uint32_t bytes);

   private:
    StreamId stream_;
    Descriptor socket_;
    Inlet inlet_;
    Outlet outlet_;  ///< with a descriptor of its own, which it closes at the end
    std::string early_;
    bool output_ended_ = false;
    bool input_ended_ = false;
};

/// A connection made with this is broken when it is closed, and what is still on its way is dropped.
void make_abrupt(int socket);

}  // namespace sbx::agent
