#pragma once

#include "core/net/attempts.hpp"
#include "core/net/connector.hpp"
#include "core/net/rate_limit.hpp"
#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/semaphore.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <memory>
#include <string>

namespace sbx {

/// What the connections of one sandbox to the outside share.
struct Outside {
    Connector connector;
    RateLimit rate;
    Attempts attempts;
    Semaphore sockets;  ///< also of those whose program has ended, and that still send what it sent
};

/// One connection of a program to the outside: a stream of the agent joined to a socket of this host. Windows pass on
/// the pressure: no more than one is held here in either direction.
class OutsideStream : public StreamSink {
   public:
    /// @param link, outside  outlive this
    OutsideStream(AgentLink& link, Outside& outside, wire::StreamId stream, std::string host, std::uint16_t port);

    /// Connects, answers the agent and moves bytes, until both directions have ended or one broke.
    /// @cancel terminal
    asio::awaitable<void> run();
    /// Ends `run`.
    void stop() { stop_.emit(asio::cancellation_type::terminal); }
    asio::cancellation_slot stop_slot() { return stop_.slot(); }

    const std::string& host() const { return host_; }
    std::uint16_t port() const { return port_; }
    /// Nothing more comes of it.
    bool is_over() const { return ended_ && ran_; }
    /// What its program sent is on its way, or never will be.
    bool has_sent() const { return sent_ || ran_; }
    bool has_run() const { return ran_; }
    /// `run` has ended, by itself or otherwise, or never will be called.
    void on_run_over() { ran_ = true; }
    /// It may not be any more: the program sees a broken connection.
    void forbid();

    void on_data(std::uint8_t channel, std::span<const char> bytes) override;
    void on_eof(std::uint8_t channel) override;
    void on_credit(std::uint8_t channel) override;
    bool on_end(const Outcome& outcome) override;

   private:
    void refuse(const Error& error);
    asio::awaitable<void> send();
    asio::awaitable<void> receive();
    asio::awaitable<void> keep_pace(std::size_t bytes);
    void give_up();
    void make_abrupt();

    AgentLink& link_;
    Outside& outside_;
    wire::StreamId stream_;
    std::string host_;
    std::uint16_t port_;
    OutsideSocket socket_;
    Condition changed_;
    std::string to_send_;
    bool sent_all_ = false;  ///< the program sends no more than `to_send_`
    bool sent_ = false;      ///< and that too is written
    bool received_ = false;  ///< the outside sends no more
    bool broken_ = false;
    bool ended_ = false;  ///< the agent has nothing more to say about it
    bool ran_ = false;
    std::size_t attempt_ = 0;
    asio::cancellation_signal stop_;
};

}  // namespace sbx
