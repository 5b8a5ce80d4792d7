#pragma once

#include "core/docker/exchange.hpp"
#include "core/docker/stream_demux.hpp"
#include "sbx/engine.hpp"

namespace sbx::docker {

/// A hijacked attach: its connection and what has been read from it. Shared by the channel and the wait for the end.
struct Attachment {
    Attachment(const asio::any_io_executor& executor, std::shared_ptr<Connection> to)
        : connection(std::move(to)), opening_written(executor)
    {
    }

    std::shared_ptr<Connection> connection;
    StreamDemux demux;
    bool ended_by_us = false;  ///< through this engine's `kill` or `remove`
    bool writes_opening = false;
    asio::steady_timer opening_written;  ///< cancelled when that is so: what waits for it goes on
};

/// Writes `opening` in the background; what the channel writes comes after it. It ends with the connection.
void begin_writing(const std::shared_ptr<Attachment>& attachment, std::string opening);

/// The agent's stream within an attach. It has no deadline of its own: its owner pings.
class AttachChannel final : public Channel {
   public:
    explicit AttachChannel(std::shared_ptr<Attachment> attachment) : attachment_(std::move(attachment)) {}
    ~AttachChannel() override { attachment_->connection->close(); }
    AttachChannel(const AttachChannel&) = delete;
    AttachChannel& operator=(const AttachChannel&) = delete;

    asio::awaitable<Result<std::size_t>> read_some(std::span<char> bytes) override;
    asio::awaitable<Result<void>> write(std::span<const char> bytes) override;
    void close() override { attachment_->connection->close(); }

   private:
    std::shared_ptr<Attachment> attachment_;
};

}  // namespace sbx::docker
