#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/egress_gate.hpp"
#include "core/sandbox/program_io.hpp"
#include "core/sandbox/program_session.hpp"
#include "core/sandbox/run.hpp"
#include "core/sandbox/uploads.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace sbx {

/// What runs must have in common to share a sandbox, one after the other.
/// @param endpoint  of the engine, as a user would write it
std::string reuse_key(const RunRequest& request, const std::string& endpoint);

/// One sandbox for many runs, one after the other. In between the agent kills everything and takes away all that was
/// written (docs/batch.md, "Reuse"). One thread.
class ReusedSandbox : public std::enable_shared_from_this<ReusedSandbox> {
   public:
    /// @param request  of its first run; what belongs to the sandbox is the same in all
    ReusedSandbox(const asio::any_io_executor& executor, Engine& engine, const RunRequest& request);

    /// Whether a run may share a sandbox: one that lasts for very long has its own.
    static bool serves(const RunRequest& request)
    {
        return request.limits.wall_ms && *request.limits.wall_ms <= longest_run;
    }

    /// Launches it.
    /// @param agent  the agent's volume
    /// @error what Engine::launch gives
    /// @cancel terminal: what was created is removed
    asio::awaitable<Result<void>> open(Mount agent);

    /// Runs one, as `Run` does, and begins to make the sandbox fit for the next.
    /// @return nothing when the sandbox is not fit: nothing ran then
    /// @error what Run::execute gives
    /// @cancel terminal; the sandbox is of no use then
    asio::awaitable<std::optional<Result<RunResult>>> run(const RunRequest& request, ProgramIo& io);

    /// Whether another run may be tried.
    bool is_fit() const { return !broken_ && !link_.is_over() && runs_ < most_runs && Clock::now() < last_start_; }
    /// Ends it; the engine has removed it then.
    asio::awaitable<void> close();

    void stopping();
    void continued();

   private:
    /// A run under way.
    struct Job {
        Job(AgentLink& link, ProgramIo& its_io, const RunRequest& its_request)
            : request(its_request), io(its_io), program(link, io, request, result, ProgramSession::Reach::sandbox)
        {
        }

        const RunRequest& request;
        ProgramIo& io;
        Uploads uploads;
        RunResult result;
        ProgramSession program;
        std::optional<Error> failure;
        bool ran_nothing = false;
    };

    using Clock = std::chrono::steady_clock;

    static constexpr unsigned most_runs = 1000;  // what is remembered of each stays small
    static constexpr std::chrono::hours longest_run{12};
    static constexpr std::chrono::hours longest_use{12};  // then no other run begins

    asio::awaitable<void> serve(std::unique_ptr<Channel> channel);
    asio::awaitable<void> feed(Job& job);
    asio::awaitable<void> control(Job& job);
    asio::awaitable<Result<void>> run_phases(Job& job);
    asio::awaitable<Result<void>> run_phase(Job& job, std::optional<std::chrono::milliseconds> limit);
    asio::awaitable<Result<void>> conclude(Job& job, PhaseEnd end);
    asio::awaitable<void> hand_out_product(Job& job);
    Plan plan(Mount agent) const;
    bool was_reset_in_vain() const;

    Engine& engine_;
    RunRequest first_;
    AgentLink link_;
    EgressGate egress_;
    std::string id_;
    std::unique_ptr<Life> life_;
    wire::StreamId reset_ = 0;  ///< what the next run comes after
    unsigned runs_ = 0;
    bool broken_ = true;  ///< until it is open
    Clock::time_point last_start_ = Clock::now() + longest_use;
};

}  // namespace sbx
