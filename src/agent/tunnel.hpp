#pragma once

#include "agent/proxy_request.hpp"
#include "agent/splice.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sbx::agent {

/// Gives tunnels their streams.
class StreamSource {
   public:
    virtual ~StreamSource() = default;
    /// Asks the owner for a connection to there. @return the stream that it answers on
    virtual StreamId ask(const std::string& host, std::uint16_t port) = 0;
    /// To the owner; valid while there is one.
    virtual Uplink& uplink() = 0;
};

/// A program's connection on its way to the outside, from when it was taken to the end of its stream.
class Tunnel : public Pollable {
   public:
    /// Of a program that connected to a name's address: it need not say where it wants to.
    Tunnel(StreamSource& source, Descriptor socket, const std::string& host, std::uint16_t port);
    /// Of one that connected to the proxies' port.
    Tunnel(StreamSource& source, Descriptor socket);

    void collect(PollSet& set);
    void on_ready(int fd, short events) override;
    std::optional<TimePoint> deadline() const;
    /// Called after whatever happened.
    void settle();

    /// 0 while it has none.
    StreamId stream() const { return stream_; }
    bool is_over() const { return state_ == State::over; }
    /// There is no owner any more: the program sees a broken connection.
    void abandon();

    // From the owner. A text is a protocol violation.
    const char* on_opened();
    const char* on_refused(const wire::Failure& failure);
    const char* on_data(std::uint8_t channel, std::span<const char> bytes);
    const char* on_eof(std::uint8_t channel);
    const char* on_credit(std::uint8_t channel, std::uint32_t bytes);
    void on_close();

   private:
    enum class State {
        reading,  ///< what the program says to the proxy
        asked,    ///< the owner
        open,
        telling,  ///< the program why there is no connection: what it still sends is dropped
        over,
    };

    void read();
    void on_request(ProxyRequest request);
    void say(const std::string& text);
    void tell(const std::string& text);
    void ask(const std::string& host, std::uint16_t port);
    void finish();

    StreamSource& source_;
    State state_ = State::reading;
    Descriptor socket_;  ///< until it is open
    StreamId stream_ = 0;
    std::optional<ProxyRequest::Kind> proxy_;  ///< of a program that speaks to a proxy
    bool greeted_ = false;
    std::string heard_;  ///< of what the program says to the proxy
    std::string early_;
    std::unique_ptr<Splice> splice_;
    TimePoint deadline_;
};

}  // namespace sbx::agent
