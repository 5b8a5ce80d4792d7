#pragma once

#include "core/sandbox/agent_link.hpp"

#include <optional>
#include <string>

namespace sbx {

/// A connection to a TCP port inside a sandbox: a stream of the wire, at the pace of the slower end. At most 256 KiB
/// wait here for whoever reads. One reads and one writes at a time. Waits end with what the program does or with
/// `close`: whoever uses it watches the link.
class PortStream final : public Channel, private StreamSink {
   public:
    using Clock = std::chrono::steady_clock;

    /// Begins to connect to 127.0.0.1. @param link  outlives this
    PortStream(AgentLink& link, std::uint16_t port);
    ~PortStream() override { close(); }
    PortStream(const PortStream&) = delete;
    PortStream& operator=(const PortStream&) = delete;

    /// Waits until it is connected.
    /// @error not_found  nothing listens there, or it did not answer within ten seconds
    /// @error cancelled  it was closed; so for the next two
    asio::awaitable<Result<void>> open();
    /// @error unavailable  the connection broke
    asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) override;
    /// Completes when all of it is on its way.
    /// @error unavailable  the program takes nothing any more
    asio::awaitable<Result<void>> write(std::span<const char> bytes) override;
    /// Says to the program that nothing more will come; what it says is still read.
    void end_writing();
    /// Waits until both directions have ended, or it is closed.
    asio::awaitable<void> finish();
    /// The program's connection is closed too.
    void close() override;

    /// When bytes came or could go last.
    Clock::time_point last_moved() const { return last_moved_; }

   private:
    void on_opened() override;
    void on_data(std::uint8_t channel, std::span<const char> bytes) override;
    void on_eof(std::uint8_t channel) override;
    void on_credit(std::uint8_t channel) override;
    bool on_end(const Outcome& outcome) override;
    Error failure() const;

    AgentLink& link_;
    Condition changed_;
    wire::StreamId stream_ = 0;
    std::string arrived_;
    std::optional<Error> failure_;
    Clock::time_point last_moved_ = Clock::now();
    bool is_open_ = false;
    bool output_ended_ = false;
    bool has_ended_ = false;
    bool is_closed_ = false;
};

}  // namespace sbx
