#pragma once

#include "core/wire/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sbx::agent {

using wire::StreamId;
using wire::Type;

/// The way to the owner. Never blocks. Holds at most one data frame; while that one, or a control frame, is not
/// written out, nobody may read more output.
class Uplink {
   public:
    static constexpr std::size_t data_bytes = std::size_t{512} << 10;

    explicit Uplink(int fd) : fd_(fd) {}

    template <class Message>
    void send(Type type, StreamId stream, const Message& message, std::uint8_t channel = 0)
    {
        wire::append_frame(control_, type, channel, stream, wire::encode(message));
    }
    void send_json(Type type, StreamId stream, std::string_view json)
    {
        wire::append_frame(control_, type, 0, stream, json);
    }

    /// Everything is written out: data may be added.
    bool idle() const { return sent_ == filled_ && control_.empty(); }
    /// So much waits that no more requests should be read.
    int fd() const { return fd_; }
    bool crowded() const { return control_.size() > wire::max_control_to_agent; }

    /// Reads up to `max` bytes once and sends them as one data frame.
    /// @pre idle()
    /// @return as read(2)
    long relay(int from, std::uint8_t channel, StreamId stream, std::size_t max);
    /// What the last `relay` read; until the next `flush`.
    std::string_view relayed() const { return {data_.get() + wire::header_bytes, filled_ - wire::header_bytes}; }
    /// Copies bytes into a data frame of their own.
    /// @pre at most `data_bytes` since it was idle, headers included
    void add_data(StreamId stream, std::string_view bytes, std::uint8_t channel = wire::Channel::input);

    /// Writes what the owner takes now. @return false when there is no owner any more
    bool flush();

   private:
    bool flush_data();
    bool flush_control();

    int fd_;
    std::unique_ptr<char[]> data_ = std::make_unique_for_overwrite<char[]>(wire::header_bytes + data_bytes);
    std::size_t filled_ = 0;
    std::size_t sent_ = 0;
    std::string control_;
};

}  // namespace sbx::agent
