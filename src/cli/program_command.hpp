#pragma once

#include "cli/context.hpp"
#include "cli/raw_terminal.hpp"
#include "cli/run_options.hpp"
#include "cli/run_streams.hpp"
#include "core/sandbox/run.hpp"
#include "core/sandbox/running_program.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace sbx::cli {

/// Of each stream, for the record (SECURITY-TARGETS §9).
inline constexpr std::size_t kept_output_bytes = std::size_t{1} << 20;

/// `sbx run` and `sbx exec`, for the operands of the context.
void run_once(Context& context, const RunOptions& options);
void run_inside(Context& context, const RunOptions& options);

/// A command that runs one program with this process's streams, terminal and signals, and ends with its exit code.
class ProgramCommand {
   public:
    ProgramCommand(Context& context, const RunOptions& options) : context_(context), options_(options), signals_(io_) {}
    virtual ~ProgramCommand() = default;
    ProgramCommand(const ProgramCommand&) = delete;
    ProgramCommand& operator=(const ProgramCommand&) = delete;

    void run();

   protected:
    /// Everything that needs nobody else: fills in `request_`. Nothing has been created when this fails.
    virtual Result<void> prepare() = 0;
    /// Runs it: sets `program_` as soon as signals can reach it.
    virtual asio::awaitable<Result<RunResult>> execute() = 0;
    /// The next step after the program failed by itself, or nothing.
    virtual std::optional<std::string> advice(const RunResult& /*result*/) const { return std::nullopt; }
    /// What the record holds beyond the execution.
    virtual void complete(nlohmann::ordered_json& /*record*/) const {}
    /// Where the time went, beyond the whole of it.
    virtual std::string timing_details() const { return {}; }

    /// The settings with the flags merged in; tells of flags that exclude each other.
    Result<Settings> read_settings() const;
    bool wants_record() const;
    void give_terminal();
    void take_terminal();
    std::unique_ptr<StandardStreams> make_streams();

    Context& context_;
    const RunOptions& options_;
    asio::io_context io_{1};
    RunRequest request_;
    bool code_is_stdin_ = false;
    std::unique_ptr<StandardStreams> streams_;
    EventStreams* events_ = nullptr;  ///< those streams under --ndjson
    RunningProgram* program_ = nullptr;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();

   private:
    asio::awaitable<Result<RunResult>> execute_and_flush();
    asio::awaitable<void> watch_signals();
    asio::awaitable<void> pass_on(int signal);
    [[noreturn]] void leave_now(int code);
    void finish(Result<RunResult> result);
    void tell(const RunResult& result);
    void fail(const Error& error);
    void print_timing(const Execution& execution) const;

    asio::signal_set signals_;
    std::unique_ptr<RawTerminal> terminal_;
    asio::cancellation_signal cancel_;
    int interrupted_by_ = 0;
};

}  // namespace sbx::cli
