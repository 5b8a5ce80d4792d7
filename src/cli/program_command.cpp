#include "cli/program_command.hpp"

#include "core/json.hpp"
#include "core/sandbox/record_json.hpp"

#include <boost/asio.hpp>
#include <nlohmann/json.hpp>

#include <fmt/ranges.h>
#include <unistd.h>

#include <csignal>

namespace sbx::cli {

using namespace std::chrono_literals;

void ProgramCommand::run()
{
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): a reader that goes away is seen by its write
    if (const auto prepared = prepare(); !prepared) return fail(prepared.error());
    std::optional<Result<RunResult>> result;
    auto finish_run = [&](const std::exception_ptr& thrown, Result<RunResult> value) {
        if (thrown && interrupted_by_ != 0) {
            result.emplace(Error(Errc::cancelled, "interrupted"));  // what was awaited threw its cancellation
        } else if (thrown) {
            result.emplace(Error(Errc::internal, "an unexpected failure", "this is a bug: please report it"));
        } else {
            result.emplace(std::move(value));
        }
        io_.stop();
    };
    asio::co_spawn(io_, watch_signals(), asio::detached);
    asio::co_spawn(io_, execute_and_flush(), asio::bind_cancellation_slot(cancel_.slot(), finish_run));
    io_.run();
    terminal_.reset();
    finish(std::move(*result));
}

Result<Settings> ProgramCommand::read_settings() const
{
    if (context_.json && context_.ndjson)
        return Error(Errc::invalid_argument, "--json and --ndjson exclude each other");
    auto configuration = context_.configuration(options_.settings);
    if (!configuration) return configuration.error();
    return std::move(configuration->settings);
}

bool ProgramCommand::wants_record() const
{
    return context_.json || context_.ndjson || !context_.meta.empty();
}

void ProgramCommand::give_terminal()
{
    const bool both = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
    const bool wanted = options_.terminal || (both && !context_.json && !context_.ndjson && !code_is_stdin_);
    if (!wanted || options_.no_terminal) return;
    request_.terminal = terminal_size().value_or(TerminalSize{});
    // Programs draw for the terminal that is really there.
    const auto kind = context_.environment("TERM");
    request_.environment.emplace(request_.environment.begin(), "TERM", kind.value_or("xterm"));
}

/// From here on every key is the program's.
void ProgramCommand::take_terminal()
{
    if (request_.terminal) terminal_ = std::make_unique<RawTerminal>();
}

std::unique_ptr<StandardStreams> ProgramCommand::make_streams()
{
    const bool reads = ::isatty(STDIN_FILENO) == 0 || request_.terminal || options_.interactive || code_is_stdin_;
    if (context_.ndjson) {
        auto events = std::make_unique<EventStreams>(io_.get_executor(), reads);
        events_ = events.get();
        return events;
    }
    if (context_.json) return std::make_unique<RecordedStreams>(io_.get_executor(), reads);
    return std::make_unique<StandardStreams>(io_.get_executor(), reads);
}

asio::awaitable<Result<RunResult>> ProgramCommand::execute_and_flush()
{
    Result<RunResult> result = co_await execute();
    if (events_ && result) {
        const Result<void> finished = co_await events_->finish();
        if (!finished) co_return finished.error();
    }
    co_return result;
}

asio::awaitable<void> ProgramCommand::watch_signals()
{
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT}) {
        struct sigaction inherited {};
        ::sigaction(signal, nullptr, &inherited);
        if (inherited.sa_handler != SIG_IGN) signals_.add(signal);  // `nohup` stays as it is
    }
    for (;;) {
        boost::system::error_code failed;
        const int signal = co_await signals_.async_wait(asio::redirect_error(asio::use_awaitable, failed));
        if (failed) co_return;
        co_await pass_on(signal);
    }
}

asio::awaitable<void> ProgramCommand::pass_on(int signal)
{
    if (signal == SIGWINCH) {
        if (const auto size = terminal_size(); size && program_ && request_.terminal) program_->resize(*size);
    } else if (signal == SIGTSTP) {
        // The sandbox must not take our silence for our death.
        if (program_) program_->stopping();
        asio::steady_timer sent(io_, 20ms);
        co_await sent.async_wait(asio::use_awaitable);
        if (terminal_) terminal_->suspend();
        ::raise(SIGSTOP);
        if (terminal_) terminal_->resume();
        if (program_) program_->continued();
    } else if (signal != SIGCONT) {
        const bool ends = signal != SIGUSR1 && signal != SIGUSR2;
        const bool delivered = program_ && program_->signal(signal);
        if (!ends) co_return;
        // Nothing runs yet. Whoever asks twice does not wait for the engine: the next run's sweep removes what it made.
        if (!delivered && interrupted_by_ != 0) leave_now(128 + signal);
        interrupted_by_ = signal;
        if (!delivered) cancel_.emit(asio::cancellation_type::terminal);
    }
}

void ProgramCommand::leave_now(int code)
{
    terminal_.reset();
    std::fflush(nullptr);
    std::_Exit(code);
}

void ProgramCommand::finish(Result<RunResult> result)
{
    if (!result) return fail(result.error());
    Execution& execution = result->execution;
    execution.execution_id = request_.execution_id;
    execution.image = request_.image_name;
    execution.image_digest = request_.image.id;
    context_.exit_code = execution.exit_code.value_or(run_exit_code(Errc::internal));
    nlohmann::ordered_json record = record_json(execution);
    complete(record);
    if (context_.ndjson) {
        nlohmann::ordered_json end;
        end["type"] = "end";
        end.update(record);
        context_.print_json(end);
    } else if (context_.json) {
        context_.print_json(record);
    }
    tell(*result);
    context_.write_meta(record);
}

void ProgramCommand::tell(const RunResult& result)
{
    if (options_.timing) print_timing(result.execution);
    if (options_.quiet) return;
    for (const std::string& warning : result.warnings) context_.say(fmt::format("{}: {}", context_.program, warning));
    if (!result.explanation.empty()) return context_.say(fmt::format("{}: {}", context_.program, result.explanation));
    if (result.execution.reason != Reason::exited || result.execution.exit_code == 0) return;
    if (const auto step = advice(result)) context_.say(fmt::format("{}: {}", context_.program, *step));
}

void ProgramCommand::fail(const Error& error)
{
    // Whoever interrupts a run before its program began needs no explanation.
    if (error.code == Errc::cancelled && interrupted_by_ != 0)
        return context_.report_quietly(error, 128 + interrupted_by_);
    context_.report(error);
}

void ProgramCommand::print_timing(const Execution& execution) const
{
    const std::chrono::duration<double, std::milli> all = std::chrono::steady_clock::now() - begin_;
    context_.say(fmt::format("{}: {}: {:.1f} ms in all; {}(the program alone {})", context_.program,
                             boost::describe::enum_to_string(execution.path, "?"), all.count(), timing_details(),
                             execution.wall_ms.count()));
}

}  // namespace sbx::cli
