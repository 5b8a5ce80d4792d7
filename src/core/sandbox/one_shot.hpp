#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/egress_gate.hpp"
#include "core/sandbox/program_session.hpp"
#include "core/sandbox/run.hpp"
#include "core/sandbox/sandbox_way.hpp"
#include "core/sandbox/uploads.hpp"

#include <optional>
#include <string>

namespace sbx {

/// The life of one single-use sandbox around its program: everything that is written to it before and during its start,
/// and what becomes of it. Serves `Run`, which see.
class OneShot {
   public:
    /// @param way, io, request  outlive this
    OneShot(const asio::any_io_executor& executor, SandboxWay& way, ProgramIo& io, const RunRequest& request);

    asio::awaitable<Result<RunResult>> execute();

    /// Whether the sandbox's agent has spoken: before that nothing ran, and nothing of stdin was taken from a standby's
    /// run.
    bool has_begun() const { return link_.said_hello(); }

    bool signal(int number);
    void resize(TerminalSize size);
    void stopping();
    void continued();

   private:
    // The way in.
    Result<void> queue_opening();
    void spawn(Phase phase, wire::StreamId after);
    asio::awaitable<void> feed_inputs();
    bool holds_stdin() const;

    // The program's life.
    asio::awaitable<void> control();
    asio::awaitable<Result<void>> run_phases();
    asio::awaitable<void> hand_out_product();
    asio::awaitable<Result<void>> finish_phase(std::optional<std::chrono::milliseconds> limit);
    asio::awaitable<Result<void>> conclude_phase(PhaseEnd end);
    Error spawn_error(const wire::Failure& failure) const;
    asio::awaitable<void> watch_start();

    SandboxWay& way_;
    ProgramIo& io_;
    const RunRequest& request_;

    AgentLink link_;
    EgressGate egress_;
    std::string id_;
    std::unique_ptr<Life> life_;
    Uploads uploads_;
    bool serving_ = false;
    RunResult result_;
    ProgramSession program_;
    std::optional<Error> failure_;  ///< the first thing that sbx could not do
};

}  // namespace sbx
