#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/turns.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace sbx {

/// Somebody's place in the line for a kernel and, once his turn has come, his right to talk to it; until this goes.
class KernelTurn : private StreamSink {
   public:
    /// Asks the keeper at the other end of the link.
    /// @param link      outlives this
    /// @param attached  the kernel's stream of somebody whose turn has come unless others have come to the kernel since
    ///                  his last one: he takes it for granted, and give_back says in the end whether he was wrong.
    ///                  What he sent on that stream has then gone nowhere. 0: he waits
    KernelTurn(AgentLink& link, const std::string& kernel, wire::StreamId attached);
    /// The same where the keeper is this process's.
    /// @param link, turns  the keeper's; outlive this
    KernelTurn(AgentLink& link, Turns& turns, const std::string& kernel, std::uint64_t client);
    ~KernelTurn() override;
    KernelTurn(const KernelTurn&) = delete;
    KernelTurn& operator=(const KernelTurn&) = delete;

    /// Waits for the turn.
    /// @param unwanted  set by somebody who then notifies the link: nobody waits for it any more
    /// @error cancelled  it is unwanted
    /// @error deadline_exceeded  not by `until`: somebody else talks to the kernel
    /// @error resource_exhausted, too_large  too many wait
    /// @error unavailable  the link is over, or its keeper gives no turns
    asio::awaitable<Result<void>> come(std::optional<std::chrono::steady_clock::time_point> until,
                                       const bool& unwanted);

    /// Whether it was taken for granted.
    bool is_presumed() const { return is_presumed_; }
    /// Gives back what was taken for granted.
    /// @return whether that was wrong
    asio::awaitable<bool> give_back();

   private:
    bool has_come() const;
    Error why_over() const;

    void on_opened() override;
    bool on_end(const Outcome& outcome) override;

    AgentLink& link_;
    wire::StreamId stream_ = 0;
    std::unique_ptr<Turns::Place> place_;
    bool is_presumed_ = false;
    bool came_ = false;
    std::optional<Error> failure_;
};

}  // namespace sbx
