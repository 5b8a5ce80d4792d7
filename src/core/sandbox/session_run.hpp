#pragma once

#include "core/sandbox/program_session.hpp"
#include "core/sandbox/running_program.hpp"
#include "core/sandbox/sandbox_record.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace sbx {

/// A program that outlives whoever has its streams.
struct Background {
    std::optional<std::uint64_t> process;  ///< the one to take over; none: a new one is started
    BackgroundKnown known;
};

/// Runs one program in a sandbox that lives on, through its keeper.
class SessionRun : public RunningProgram {
   public:
    /// @param io, store  outlive this
    /// @param request    its command, limits, environment and streams; what belongs to the sandbox is not looked at
    SessionRun(const asio::any_io_executor& executor, ProgramIo& io, const SandboxStore& store, SandboxRecord sandbox,
               RunRequest request);
    /// The same with a program in the background.
    SessionRun(const asio::any_io_executor& executor, ProgramIo& io, const SandboxStore& store, SandboxRecord sandbox,
               RunRequest request, Background background);

    /// @param keeper  connected, nothing said yet
    /// @return what became of the program; failing, timing out and being killed are results, not errors
    /// @error not_found          no such command in the image
    /// @error permission_denied  the command cannot be executed, or the keeper refuses us
    /// @error cancelled          `leave` was called, or somebody else has taken the program in the background over
    asio::awaitable<Result<RunResult>> execute(std::unique_ptr<Channel> keeper);

    bool signal(int number) override;
    /// Passes a signal on to the program, whatever comes of it.
    void pass_signal(int number);
    /// Ends `execute`, and not the program where it is in the background.
    void leave();
    void resize(TerminalSize size) override;
    void stopping() override {}  // the lease is the keeper's
    void continued() override {}

   private:
    void begin();
    asio::awaitable<void> control();
    Result<void> conclude(PhaseEnd end);

    const SandboxStore& store_;
    SandboxRecord sandbox_;
    RunRequest request_;
    std::optional<Background> background_;
    AgentLink link_;
    wire::StreamId claim_ = 0;
    bool serving_ = false;
    bool left_ = false;
    RunResult result_;
    ProgramSession program_;
    std::optional<Error> failure_;
};

}  // namespace sbx
