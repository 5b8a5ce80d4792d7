#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/egress_gate.hpp"
#include "core/sandbox/keeper_socket.hpp"
#include "core/sandbox/relay.hpp"
#include "core/sandbox/sandbox_record.hpp"
#include "core/sandbox/turns.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace sbx {

/// Holds one living sandbox: its agent's stream, its lease, its end. Other commands reach the agent through its socket,
/// at the wire's own speed. It alone writes the sandbox's record while it is there.
class Keeper : private KeptLife {
   public:
    /// @param engine, store  outlive this
    /// @param agent          the agent's volume
    Keeper(const asio::any_io_executor& executor, Engine& engine, const SandboxStore& store, SandboxRecord record,
           Mount agent);

    /// Makes the sandbox, calls `ready` once it can be used, and keeps it to its end, which it writes down.
    /// @param ready  false: nobody wants it any more, it ends at once
    /// @error what Engine::launch gives, when it never was ready; nothing is left then
    asio::awaitable<Result<void>> launch(std::function<bool()> ready);

    /// The same for a sandbox that runs already and whose keeper has gone.
    /// @error what Engine::bridge gives; the sandbox is as it was
    asio::awaitable<Result<void>> take_over(std::function<bool()> ready);

    /// A connection for somebody in this process, who speaks to it as any client does. It may be closed at any time.
    /// @error not_found    the sandbox has ended, or is not ready
    /// @error unavailable  out of descriptors
    Result<std::unique_ptr<Channel>> connect();
    /// Somebody in this process who speaks to the agent itself. While he is there the sandbox is not idle; he goes soon
    /// after the link is over, and the keeper waits for him.
    class Guest {
       public:
        explicit Guest(Keeper& of) : of_(&of) { ++of_->guests_; }
        Guest(Guest&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        Guest(const Guest&) = delete;
        Guest& operator=(const Guest&) = delete;
        Guest& operator=(Guest&& other) noexcept
        {
            std::swap(of_, other.of_);
            return *this;
        }
        ~Guest()
        {
            if (of_ != nullptr) of_->guest_left();
        }
        AgentLink& link() const { return of_->link_; }
        Turns& turns() const { return of_->turns_; }

       private:
        Keeper* of_;
    };
    /// @error not_found  the sandbox has ended, or is not ready
    Result<Guest> invite();
    /// Serves somebody whom another socket brought.
    /// @param token  what he must show
    void admit(std::unique_ptr<Channel> channel, const std::string& token);

    /// Lets the sandbox live on without a keeper, for so long at most: another one can take it over.
    asio::awaitable<void> release(std::chrono::milliseconds life);

    const SandboxRecord& record() const { return record_; }

   private:
    using Clock = std::chrono::steady_clock;
    struct Client;

    Plan plan() const;
    Result<wire::StreamId> open();
    asio::awaitable<Result<void>> keep(std::unique_ptr<Channel> channel, wire::StreamId claim,
                                       std::function<bool()> ready);
    asio::awaitable<void> watch_start();
    asio::awaitable<void> greet(wire::StreamId claim, std::function<bool()> ready);
    asio::awaitable<Error> explain_silence(Error seen);
    asio::awaitable<void> watch_life();
    asio::awaitable<void> watch_silence();
    asio::awaitable<bool> is_paused();
    asio::awaitable<void> accept();
    void close_clients();
    void guest_left();
    asio::awaitable<void> serve(std::shared_ptr<Client> client);
    asio::awaitable<void> read(std::shared_ptr<Client> client);
    asio::awaitable<void> write(std::shared_ptr<Client> client);
    asio::awaitable<void> expect_claim(std::shared_ptr<Client> client);
    asio::awaitable<void> conclude();
    /// Asks the agent to end the sandbox, and waits until it has.
    asio::awaitable<Result<void>> shut_down();
    asio::awaitable<std::optional<Cause>> find_cause();
    asio::awaitable<Result<Ending>> ending();

    void live_for(std::chrono::milliseconds length, bool asked) override;
    void end_now(bool asked) override;
    Result<void> change_egress(const wire::ChangeEgress& change) override;
    void program_ended() override;
    void remember_attempts();
    bool write_new_attempts();
    asio::awaitable<void> write_attempts();
    void end(Cause cause);
    std::chrono::milliseconds left() const;
    std::optional<Clock::time_point> idle_end() const;
    bool is_busy() const;
    asio::awaitable<bool> has_background();

    asio::any_io_executor executor_;
    Engine& engine_;
    const SandboxStore& store_;
    SandboxRecord record_;
    Mount agent_;

    AgentLink link_;
    EgressGate egress_;
    std::uint64_t written_attempts_ = 0;  ///< version of those in the record
    std::unique_ptr<Life> life_;          ///< of a sandbox that was launched here; else it was taken over
    std::optional<LocalAcceptor> acceptor_;
    Turns turns_;
    std::vector<std::shared_ptr<Client>> clients_;
    std::size_t guests_ = 0;
    Clock::time_point last_used_ = Clock::now();
    bool is_ready_ = false;
    bool released_ = false;  ///< it lives on, whatever ends here
    bool stops_ = false;     ///< its programs were asked to end, and it ends with them
    std::optional<Cause> cause_;
    std::optional<Error> failure_;  ///< why it never was ready
};

}  // namespace sbx
