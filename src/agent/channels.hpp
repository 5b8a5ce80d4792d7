#pragma once

#include "agent/tail.hpp"
#include "agent/uplink.hpp"
#include "core/descriptor.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sbx::agent {

/// What the owner sends on one channel, on its way into a descriptor that may be slow. Holds what the window allows
/// and no more.
class Inlet {
   public:
    Inlet(StreamId stream, std::uint8_t channel, std::uint32_t window = wire::initial_window)
        : stream_(stream), channel_(channel), full_(window)
    {
    }

    /// From now on bytes go there. The descriptor is the caller's, non-blocking, and outlives this or `detach`.
    void attach(int fd) { fd_ = fd; }
    /// Another stream sends from now on, or, with 0, none does. What is here is still delivered.
    /// @param reopen  an earlier stream's end counts no more
    void move_to(StreamId stream, bool reopen);
    /// Nobody reads any more: what is here and what comes is dropped, and acknowledged.
    void detach(Uplink& uplink);

    /// @return why the owner may not send these bytes, or nullptr
    const char* take(std::span<const char> bytes, Uplink& uplink);
    /// The owner sends no more. `last` still goes into the descriptor.
    const char* end(std::string_view last = {});

    int fd() const { return fd_; }
    bool wants_write() const { return fd_ >= 0 && sent_ < pending_.size(); }
    /// The owner has ended the channel and all of it is written.
    bool is_done() const { return ended_ && sent_ == pending_.size(); }
    bool has_ended() const { return ended_; }
    /// Nobody takes its bytes any more.
    bool is_dropped() const { return dropped_; }
    std::size_t undelivered() const { return pending_.size() - sent_; }
    void flush(Uplink& uplink);

   private:
    std::size_t write_now(std::span<const char> bytes);
    void acknowledge(std::size_t count, Uplink& uplink);

    StreamId stream_;
    std::uint8_t channel_;
    int fd_ = -1;
    bool dropped_ = false;
    bool ended_ = false;
    std::uint32_t full_;  ///< the window at first
    std::uint32_t window_ = full_;
    std::uint32_t due_ = 0;
    std::size_t foreign_ = 0;  ///< undelivered bytes of earlier streams: no credit for these
    std::string pending_;
    std::size_t sent_ = 0;
};

/// @return why this can't be given on top of what a channel has, or nullptr
const char* add_credit(std::uint32_t& credit, std::uint32_t bytes);

/// What comes out of a descriptor, on its way to the owner, as far as the owner's credit goes.
class Outlet {
   public:
    Outlet(StreamId stream, std::uint8_t channel, std::uint32_t window)
        : stream_(stream), channel_(channel), credit_(window)
    {
    }

    void open(Descriptor fd) { fd_ = std::move(fd); }
    void close() { fd_.reset(); }
    bool is_open() const { return static_cast<bool>(fd_); }
    int fd() const { return fd_.get(); }
    std::uint8_t channel() const { return channel_; }
    bool wants_read() const { return fd_ && (stream_ == 0 || credit_ > 0); }
    /// Another stream is sent to from now on, or, with 0, none.
    void move_to(StreamId stream, std::uint32_t window);

    const char* add_credit(std::uint32_t bytes) { return agent::add_credit(credit_, bytes); }
    void spend(std::size_t bytes) { credit_ -= static_cast<std::uint32_t>(bytes); }
    std::uint32_t credit() const { return credit_; }

    /// How many bytes wait to be read.
    std::size_t waiting() const;
    /// One read of at most `most` bytes, one frame, and into the tail, if there is one; closes at the end of the file.
    /// @pre uplink.idle(), or no stream; most > 0
    void relay(Uplink& uplink, Tail* tail, std::size_t most = SIZE_MAX);
    /// What is in the pipe now is the last that is sent.
    void stop_after_what_is_there();

   private:
    long read_for_nobody(Tail* tail, std::size_t most);

    StreamId stream_;
    std::uint8_t channel_;
    std::uint32_t credit_;
    std::uint64_t left_ = UINT64_MAX;
    Descriptor fd_;
};

}  // namespace sbx::agent
