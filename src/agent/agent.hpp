#pragma once

#include "agent/descriptor.hpp"
#include "agent/dns_server.hpp"
#include "agent/lease.hpp"
#include "agent/operation.hpp"
#include "agent/uplink.hpp"
#include "core/wire/frame.hpp"
#include "core/wire/messages.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::agent {

/// The owner's frames in, the sandbox's doings out. One thread; nothing here blocks.
class Agent : private Pollable, private wire::FrameSink {
   public:
    /// @param unclaimed  how long the sandbox lives when nobody claims it
    /// @param preload    the interpreter to start ahead of its use, as `Preloaded` takes it
    Agent(int from_owner, int to_owner, std::chrono::milliseconds unclaimed, std::span<char* const> preload);

    /// Serves until the owner is gone, the lease has ended, the owner says so, or breaks the protocol. Everything else
    /// in the sandbox is dead when it returns.
    void run();

   private:
    void collect();
    TimePoint next_deadline() const;
    void settle();
    void start_what_may_start();
    void on_ready(int fd, short events) override;
    void read_from_owner();
    void reap();

    const char* on_control(const wire::Header& header, std::string_view json) override;
    const char* on_bytes(const wire::Header& header, std::span<const char> piece) override;
    const char* on_connection(const wire::Header& header, std::string_view json);
    const char* on_stream(Operation& operation, const wire::Header& header, std::string_view json);
    const char* on_open(const wire::Header& header, std::string_view json);
    const char* on_claim(StreamId id, std::string_view json);
    const char* on_hello(std::string_view json);
    /// Answers an opening frame with an error. @return nullptr
    const char* refuse(StreamId id, wire::FailureCode code, std::string message);
    Operation* find(StreamId id);
    /// Whether a stream has been opened before and has ended since.
    bool has_ended(StreamId id) const { return id % 2 == 1 && id <= last_stream_; }

    int from_owner_;
    Uplink uplink_;
    Descriptor signals_;
    DnsServer dns_;
    Lease lease_;
    std::chrono::milliseconds lease_length_;
    wire::Decoder decoder_{wire::Direction::to_agent};
    PollSet poll_set_;
    Sandbox sandbox_;
    std::vector<std::unique_ptr<Operation>> operations_;
    StreamId last_stream_ = 0;
    std::string token_;
    bool claimed_ = false;   ///< somebody has set the token
    bool attached_ = false;  ///< this owner has shown it
    bool over_ = false;
};

}  // namespace sbx::agent
