#pragma once

#include "agent/poll_set.hpp"
#include "agent/uplink.hpp"
#include "core/descriptor.hpp"
#include "core/wire/frame.hpp"

#include <span>
#include <string_view>

namespace sbx::agent {

class Connection;

/// Takes the frames of a connection. Each function returns why the frame is refused, or nullptr.
class ConnectionHandler {
   public:
    virtual ~ConnectionHandler() = default;
    virtual const char* on_control(Connection& from, const wire::Header& header, std::string_view json) = 0;
    virtual const char* on_bytes(Connection& from, const wire::Header& header, std::span<const char> piece) = 0;
};

/// Somebody who speaks the wire: an owner, or who wants to become one.
class Connection : public Pollable, private wire::FrameSink {
   public:
    /// Over descriptors that are not its own.
    Connection(int from, int to, ConnectionHandler& handler) : from_(from), uplink_(to), handler_(handler) {}
    Connection(Descriptor socket, ConnectionHandler& handler)
        : socket_(std::move(socket)), from_(socket_.get()), uplink_(socket_.get()), handler_(handler)
    {
    }

    void collect(PollSet& set);
    void on_ready(int fd, short events) override;
    void flush();
    /// Nothing is read or written any more.
    void give_up() { state_ = State::gone; }

    Uplink& uplink() { return uplink_; }
    /// The other side has left.
    bool is_gone() const { return state_ == State::gone; }
    /// The other side has said what it may not.
    bool is_broken() const { return state_ == State::broken; }

    bool attached = false;     ///< it has shown the token
    StreamId last_stream = 0;  ///< that it opened

   private:
    enum class State { open, gone, broken };

    void read();
    const char* on_control(const wire::Header& header, std::string_view json) override;
    const char* on_bytes(const wire::Header& header, std::span<const char> piece) override;

    Descriptor socket_;
    int from_;
    Uplink uplink_;
    ConnectionHandler& handler_;
    wire::Decoder decoder_{wire::Direction::to_agent};
    State state_ = State::open;
};

}  // namespace sbx::agent
