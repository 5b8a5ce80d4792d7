#pragma once

#include "cli/context.hpp"
#include "cli/inline_pictures.hpp"
#include "cli/line_source.hpp"
#include "cli/session_input.hpp"
#include "cli/session_loop.hpp"
#include "cli/standard_streams.hpp"
#include "core/sandbox/kernel_question.hpp"
#include "core/sandbox/kernel_run.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace sbx::cli {

/// The streams of a session: they know whether the next prompt would stand behind something.
class SessionStreams : public StandardStreams {
   public:
    explicit SessionStreams(boost::asio::any_io_executor executor) : StandardStreams(std::move(executor), true) {}

    boost::asio::awaitable<Result<void>> write(OutputStream stream, std::span<const char> bytes) override;
    bool is_in_line() const { return in_line_; }
    /// Somebody has typed the end of a line.
    void begin_line() { in_line_ = false; }

   private:
    bool in_line_ = false;
};

/// Where a session takes place.
struct ReplPlace {
    SandboxRecord sandbox;
    KernelPlace kernel;
    RunRequest request;               ///< what of it belongs to a cell
    std::filesystem::path artifacts;  ///< for pictures; empty: a directory of their own
};

/// A session with a kernel: cells are read, run and answered until somebody ends it.
class Repl : private AnswerSink {
   public:
    Repl(Context& context, ReplPlace place);

    /// Until the lines end. Sets the exit code.
    void talk();

   private:
    std::unique_ptr<LineSource> open_lines();
    std::optional<std::string> read_cell(LineSource& lines);
    std::string prompt_for(const std::string& cell) const;
    KernelCompletions complete(const std::string& code, std::size_t cursor);
    Result<KernelAnswer> ask(KernelQuestion question);
    Result<KernelSession*> connect();

    bool run_cell(std::string code);
    Result<RunResult> execute(std::string code);
    bool on_signal(KernelRun& run, int signal);
    asio::awaitable<void> warn_of_deafness(std::shared_ptr<bool> is_over);
    asio::awaitable<Result<void>> show(const KernelAnswer& answer) override;
    void want_input() override;
    asio::awaitable<void> give_line(KernelRun& run, std::shared_ptr<bool> is_over);
    asio::awaitable<void> learn_pictures();
    Result<std::string> picture_text(const KernelAnswer& answer);
    void end_line();
    void end_with(const Error& error);

    Context& context_;
    ReplPlace place_;
    SandboxStore store_;
    SessionLoop loop_;
    SessionStreams streams_;
    SessionInput input_;
    std::shared_ptr<AgentLink> link_;
    std::unique_ptr<KernelSession> kernel_;  ///< by the link
    KernelRun* cell_ = nullptr;              ///< the one that runs
    std::shared_ptr<bool> cell_is_over_;
    bool cell_waits_for_line_ = false;
    PictureProtocol pictures_;
    bool at_terminal_;
};

}  // namespace sbx::cli
