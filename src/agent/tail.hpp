#pragma once

#include "agent/uplink.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sbx::agent {

/// The last output of a program, as records of channel and bytes. Never longer than `max_bytes`, records' heads
/// included: what is oldest is dropped, and counted.
class Tail {
   public:
    static constexpr std::size_t max_bytes = std::size_t{64} << 10;

    void add(std::uint8_t channel, std::string_view bytes);
    std::uint64_t dropped_bytes() const { return dropped_; }
    const std::string& records() const { return records_; }

   private:
    void make_room(std::size_t bytes);

    std::string records_;
    std::size_t last_ = std::string::npos;  ///< where the newest record begins
    std::uint64_t dropped_ = 0;
};

/// A tail as it was at one moment, on its way to the owner.
class Replay {
   public:
    Replay() = default;
    explicit Replay(std::string records) : records_(std::move(records)) {}

    bool is_done() const { return at_ == records_.size(); }
    /// Of what comes next. @pre !is_done()
    std::uint8_t channel() const;
    /// Sends the next bytes of one channel as one frame. @return how many
    /// @pre !is_done(), uplink.idle()
    std::size_t send(Uplink& uplink, StreamId stream, std::size_t most);
    std::uint64_t sent_bytes() const { return sent_; }

   private:
    std::string records_;
    std::size_t at_ = 0;     ///< the record that is being sent
    std::size_t taken_ = 0;  ///< of it
    std::uint64_t sent_ = 0;
};

}  // namespace sbx::agent
