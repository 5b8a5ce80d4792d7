#pragma once

#include "agent/connection.hpp"
#include "agent/dns_server.hpp"
#include "agent/egress.hpp"
#include "agent/lease.hpp"
#include "agent/operation.hpp"
#include "core/descriptor.hpp"
#include "core/wire/frame.hpp"
#include "core/wire/messages.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::agent {

/// The owner's frames in, the sandbox's doings out. One thread; nothing here blocks.
class Agent : private Pollable, public ConnectionHandler {
   public:
    /// @param unclaimed  how long the sandbox lives when nobody claims it
    /// @param afterlife  how long a one-shot sandbox in which nothing runs stays when its owner has gone
    /// @param preload    the interpreter to start ahead of its use, as `Preloaded` takes it
    Agent(int from_owner, int to_owner, std::chrono::milliseconds unclaimed, std::chrono::milliseconds afterlife,
          std::span<char* const> preload);

    /// Serves until the lease has ended, the owner says so, or breaks the protocol, or, in a one-shot sandbox, is gone.
    /// Everything else in the sandbox is dead when it returns.
    void run();

   private:
    void collect();
    TimePoint next_deadline() const;
    void settle();
    void start_what_may_start();
    void on_ready(int fd, short events) override;
    void reap();
    void look_after_connections();
    void look_after_candidate();
    void accept_candidate();
    void become_owner(Connection& candidate);
    void abandon_operations();

    const char* on_control(Connection& from, const wire::Header& header, std::string_view json) override;
    const char* on_bytes(Connection& from, const wire::Header& header, std::span<const char> piece) override;
    const char* on_connection(Connection& from, const wire::Header& header, std::string_view json);
    const char* on_stream(Operation& operation, const wire::Header& header, std::string_view json);
    const char* on_open(Connection& from, const wire::Header& header, std::string_view json);
    const char* on_claim(Connection& from, StreamId id, std::string_view json);
    const char* on_hello(Connection& from, std::string_view json);
    /// Answers an opening frame with an error. @return nullptr
    const char* refuse(Connection& from, StreamId id, wire::FailureCode code, std::string message);
    Operation* find(StreamId id);
    Operation* find(const Connection& from, StreamId id) { return &from == owner_.get() ? find(id) : nullptr; }

    std::unique_ptr<Connection> owner_;      ///< or who will be it once it has claimed
    std::unique_ptr<Connection> candidate_;  ///< came over the socket and has yet to show the token
    std::unique_ptr<Connection> former_;     ///< an earlier owner, until nothing can call it any more
    TimePoint candidate_deadline_;
    Descriptor socket_;
    Descriptor signals_;
    Egress egress_;
    DnsServer dns_;
    Lease lease_;
    std::chrono::milliseconds lease_length_;
    std::chrono::milliseconds afterlife_;
    PollSet poll_set_;
    Sandbox sandbox_;
    std::vector<std::unique_ptr<Operation>> operations_;
    std::string token_;
    bool claimed_ = false;  ///< somebody has set the token
    bool over_ = false;
};

}  // namespace sbx::agent
