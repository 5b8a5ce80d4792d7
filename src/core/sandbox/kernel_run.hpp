#pragma once

#include "core/sandbox/exit_record.hpp"
#include "core/sandbox/kernel.hpp"
#include "core/sandbox/output_account.hpp"
#include "core/sandbox/running_program.hpp"
#include "core/sandbox/sandbox_record.hpp"
#include "core/sandbox/stop_plan.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sbx {

/// Takes what an execution shows beside its output: results, displays, errors.
class AnswerSink {
   public:
    virtual ~AnswerSink() = default;
    /// @error cancelled, unavailable  as ProgramIo::write: the execution ends
    virtual asio::awaitable<Result<void>> show(const KernelAnswer& answer) = 0;
    /// The code waits for a line: KernelRun::give_input. Only where the order said that it asks, unless it lies.
    virtual void want_input() {}
};

/// What a kernel is to do.
struct KernelOrder {
    KernelPlace place;  ///< where the kernel is started if there is none
    std::string code;
    CellInput input;
    bool restart = false;
};

/// Runs code once in a kernel of a sandbox that lives on. Other callers of the same kernel wait for their turn.
class KernelRun : public RunningProgram, private KernelReader {
   public:
    /// @param io, answers, store  outlive this
    /// @param request             its limits; and how much of the output the record wants
    KernelRun(ProgramIo& io, AnswerSink& answers, const SandboxStore& store, SandboxRecord sandbox, RunRequest request,
              KernelOrder order);

    /// @param kernel  of the order's place; outlives this
    /// @return what became of the code; failing, timing out and being interrupted are results, not errors
    /// @error not_found    the image has no such interpreter
    /// @error unavailable  the kernel does not start
    /// @cancel terminal, as long as `signal` says false
    asio::awaitable<Result<RunResult>> execute(KernelSession& kernel);

    /// How the kernel told its end; nothing where the code did not come to its turn.
    const std::optional<Result<KernelEnd>>& end() const { return end_; }

    /// What ends programs interrupts the code: its variables survive. A second one ends the kernel. After a SIGTERM
    /// that comes before its turn the code never runs.
    bool signal(int number) override;
    /// As KernelSession::give_input.
    void give_input(const std::string& text);
    void resize(TerminalSize /*size*/) override {}
    void stopping() override {}  // the lease is the keeper's
    void continued() override {}

   private:
    using Clock = std::chrono::steady_clock;

    asio::awaitable<Result<void>> work_in_turn();
    asio::awaitable<void> run_opened();
    asio::awaitable<void> run_code();
    asio::awaitable<void> control();
    void carry_out(const std::vector<StopAction>& actions);
    Result<void> conclude();
    void conclude_busy();
    PhaseEnd phase_end() const;

    asio::awaitable<void> on_output(OutputStream stream, std::span<const char> bytes) override;
    asio::awaitable<void> on_answer(const KernelAnswer& answer) override;
    void note(const Result<void>& written);
    void check_account();

    ProgramIo& io_;
    AnswerSink& answers_;
    const SandboxStore& store_;
    SandboxRecord sandbox_;
    RunRequest request_;
    KernelOrder order_;
    KernelSession* kernel_ = nullptr;  ///< while it is executed
    StopPlan stop_;
    RunResult result_;
    OutputAccount account_;
    Clock::time_point start_;
    std::optional<Clock::time_point> interrupted_at_;
    std::optional<Result<KernelEnd>> end_;
    std::optional<Error> write_failure_;
    bool running_ = false;
    bool began_ = false;
    bool unwanted_ = false;  ///< before it ran
};

}  // namespace sbx
