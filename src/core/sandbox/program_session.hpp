#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/exit_record.hpp"
#include "core/sandbox/program_io.hpp"
#include "core/sandbox/program_output.hpp"
#include "core/sandbox/run.hpp"
#include "core/sandbox/stop_plan.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sbx {

/// The request for a program with the streams, variables and limits of `request`.
wire::Spawn spawn_of(const RunRequest& request, const std::vector<std::string>& argv);

/// One program over an agent's link, or two where the first compiles: streams, limits, signals, end. What surrounds it,
/// a sandbox of its own or one that lives on, is the caller's.
class ProgramSession {
   public:
    /// What a kill reaches.
    enum class Reach { program, sandbox };

    /// @param link, io, request, result  outlive this
    ProgramSession(AgentLink& link, ProgramIo& io, const RunRequest& request, RunResult& result, Reach reach);

    /// Queues the start of the phase's program, after the operation `after`.
    /// @param preloaded  an interpreter that was started ahead may become it
    void spawn(Phase phase, const std::vector<std::string>& argv, wire::StreamId after, bool preloaded);

    /// The same for a program in the background: it outlives this and its link.
    void spawn_background(const std::vector<std::string>& argv, BackgroundKnown known);
    /// Takes over the one with this number, from whoever has its streams now.
    void attach(std::uint64_t process, BackgroundKnown known);

    /// Moves stdin and output until `finish`; awaited beside AgentLink::serve.
    /// @param holds_stdin  whether nothing may be read from stdin yet
    asio::awaitable<void> move_streams(std::function<bool()> holds_stdin);
    /// Lets the program come to its end, and sees to it that it does; all of its output has reached its reader then.
    /// @param has_begun  whether the program's time counts
    asio::awaitable<PhaseEnd> run(std::optional<std::chrono::milliseconds> limit, std::function<bool()> has_begun);
    /// Nothing more is to be moved.
    void finish();

    /// Passes a signal on; one that ends programs starts the grace time, a second one kills.
    void signal(int number);
    /// Passes it on and does nothing else.
    void pass_signal(int number);
    void resize(TerminalSize size);

    Phase phase() const { return phase_; }
    wire::StreamId program() const { return program_; }
    bool is_finished() const { return finished_; }
    /// Whether nobody inside obeyed a kill.
    bool gave_up() const { return gave_up_; }
    /// Why the output could not be written, unless its reader has just gone.
    std::optional<Error> output_failure() const;
    /// Why the program could not be started.
    Error spawn_error(const wire::Failure& failure) const;

   private:
    using Clock = std::chrono::steady_clock;

    asio::awaitable<void> feed_stdin(std::function<bool()> holds_stdin);
    void begin(std::optional<std::chrono::milliseconds> limit);
    void carry_out(const std::vector<StopAction>& actions);

    AgentLink& link_;
    ProgramIo& io_;
    const RunRequest& request_;
    Reach reach_;
    StopPlan stop_;
    ProgramOutput output_;

    wire::StreamId program_ = 0;  ///< of the phase under way
    Phase phase_ = Phase::run;
    std::string command_;  ///< its first word
    bool begun_ = false;
    bool finished_ = false;
    bool gave_up_ = false;
    Clock::time_point start_;
};

}  // namespace sbx
