#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/image_preference.hpp"
#include "cli/next_step.hpp"
#include "cli/open_engine.hpp"
#include "cli/progress.hpp"
#include "cli/raw_terminal.hpp"
#include "cli/record.hpp"
#include "cli/run_options.hpp"
#include "cli/run_streams.hpp"
#include "core/json.hpp"
#include "core/sandbox/run.hpp"
#include "core/sandbox/sweep.hpp"
#include "core/with_timeout.hpp"

#include <boost/asio.hpp>
#include <nlohmann/json.hpp>

#include <sys/random.h>
#include <unistd.h>

#include <csignal>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kept_output_bytes = std::size_t{1} << 20;  // SECURITY-TARGETS §9
constexpr auto compile_and_pull_margin = 1h;
constexpr auto longest_life = 24h * 365;  // of a run without a time limit

/// 128 bits from the kernel.
std::string new_execution_id()
{
    std::array<unsigned char, 16> bytes{};
    if (::getentropy(bytes.data(), bytes.size()) != 0) throw std::runtime_error("getentropy failed");
    return fmt::format("{:02x}", fmt::join(bytes, ""));
}

/// One `sbx run`: from the words to the exit code.
class RunCommand {
   public:
    RunCommand(Context& context, const RunOptions& options) : context_(context), options_(options), signals_(io_) {}

    void run();

   private:
    Result<void> prepare();
    void give_terminal();
    std::unique_ptr<StandardStreams> make_streams();
    asio::awaitable<Result<RunResult>> execute();
    asio::awaitable<void> watch_signals();
    asio::awaitable<void> pass_on(int signal);
    [[noreturn]] void leave_now(int code);
    void finish(Result<RunResult> result);
    void tell(const RunResult& result);
    void fail(const Error& error);
    void print_timing(const Execution& execution) const;

    Context& context_;
    const RunOptions& options_;
    asio::io_context io_{1};
    asio::signal_set signals_;
    Settings settings_;
    const Language* language_ = nullptr;
    RunRequest request_;
    bool code_is_stdin_ = false;
    OpenEngine open_;
    std::unique_ptr<RawTerminal> terminal_;
    std::unique_ptr<StandardStreams> streams_;
    EventStreams* events_ = nullptr;
    std::unique_ptr<Run> run_;
    asio::cancellation_signal cancel_;
    int interrupted_by_ = 0;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point image_ready_;
};

void RunCommand::run()
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
    asio::co_spawn(io_, execute(), asio::bind_cancellation_slot(cancel_.slot(), finish_run));
    io_.run();
    terminal_.reset();
    finish(std::move(*result));
}

/// Everything that needs no engine. Nothing has been created when this fails.
Result<void> RunCommand::prepare()
{
    if (context_.json && context_.ndjson)
        return Error(Errc::invalid_argument, "--json and --ndjson exclude each other");
    const auto configuration = context_.configuration(options_.settings);
    if (!configuration) return configuration.error();
    settings_ = configuration->settings;
    SourceWords words = options_.source;
    words.operands = context_.operands;
    words.is_command = context_.operands_after_separator;
    auto source = find_source(words, context_.program);
    if (!source) return source.error();
    language_ = source->language;
    code_is_stdin_ = source->code_is_stdin;
    auto request = build_request(options_, settings_, *source);
    if (!request) return request.error();
    request_ = std::move(*request);
    request_.execution_id = new_execution_id();
    request_.labels[instance_label] = "cli";
    request_.labels[sandbox_label] = request_.execution_id;
    const auto life = request_.limits.wall_ms.value_or(longest_life) + compile_and_pull_margin;
    request_.labels[expires_label] = fmt::format("{}", std::chrono::duration_cast<std::chrono::seconds>(
                                                           (std::chrono::system_clock::now() + life).time_since_epoch())
                                                           .count());
    const bool record = context_.json || context_.ndjson || !context_.meta.empty();
    request_.list_files = record;
    request_.preload = preload_words(*language_);
    request_.kept_output_bytes = record ? kept_output_bytes : 0;
    auto open = open_engine(io_.get_executor(), context_, settings_, options_.debug);
    if (!open) return open.error();
    open_ = std::move(*open);
    give_terminal();
    streams_ = make_streams();
    return {};
}

void RunCommand::give_terminal()
{
    const bool both = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
    const bool wanted = options_.terminal || (both && !context_.json && !context_.ndjson && !code_is_stdin_);
    if (!wanted || options_.no_terminal) return;
    request_.terminal = terminal_size().value_or(TerminalSize{});
    // Programs draw for the terminal that is really there.
    const auto kind = context_.environment("TERM");
    request_.environment.emplace(request_.environment.begin(), "TERM", kind.value_or("xterm"));
}

std::unique_ptr<StandardStreams> RunCommand::make_streams()
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

asio::awaitable<Result<RunResult>> RunCommand::execute()
{
    ImagePreference preference = image_preference(*language_, settings_);
    if (options_.image) preference.configured = *options_.image;
    ProgressLine progress(context_, options_.quiet);
    auto choosing = choose_image(*open_.engine, *language_, std::move(preference), progress.sink());
    Result<ChosenImage> image = co_await with_timeout(std::move(choosing), settings_.pull_timeout);
    progress.clear();
    if (!image) co_return image.error();
    request_.image = image->info;
    request_.image_name = image->reference;
    image_ready_ = std::chrono::steady_clock::now();

    if (request_.terminal && ::isatty(STDIN_FILENO) != 0) terminal_ = std::make_unique<RawTerminal>();
    const Directories own = directories(context_.environment, ::getuid());
    run_ = std::make_unique<Run>(io_.get_executor(), *open_.engine, *streams_, request_, open_.endpoint, own);
    asio::co_spawn(io_, sweep_now_and_then(*open_.engine, own.cache), asio::detached);
    Result<RunResult> result = co_await run_->execute();
    if (events_ && result) {
        const Result<void> finished = co_await events_->finish();
        if (!finished) co_return finished.error();
    }
    co_return result;
}

asio::awaitable<void> RunCommand::watch_signals()
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

asio::awaitable<void> RunCommand::pass_on(int signal)
{
    if (signal == SIGWINCH) {
        if (const auto size = terminal_size(); size && run_ && request_.terminal) run_->resize(*size);
    } else if (signal == SIGTSTP) {
        // The sandbox must not take our silence for our death.
        if (run_) run_->stopping();
        asio::steady_timer sent(io_, 20ms);
        co_await sent.async_wait(asio::use_awaitable);
        if (terminal_) terminal_->suspend();
        ::raise(SIGSTOP);
        if (terminal_) terminal_->resume();
        if (run_) run_->continued();
    } else if (signal != SIGCONT) {
        const bool ends = signal != SIGUSR1 && signal != SIGUSR2;
        const bool delivered = run_ && run_->signal(signal);
        if (!ends) co_return;
        // Nothing runs yet. Whoever asks twice does not wait for the engine: the next run's sweep removes what it made.
        if (!delivered && interrupted_by_ != 0) leave_now(128 + signal);
        interrupted_by_ = signal;
        if (!delivered) cancel_.emit(asio::cancellation_type::terminal);
    }
}

void RunCommand::leave_now(int code)
{
    terminal_.reset();
    std::fflush(nullptr);
    std::_Exit(code);
}

void RunCommand::finish(Result<RunResult> result)
{
    if (!result) return fail(result.error());
    Execution& execution = result->execution;
    execution.execution_id = request_.execution_id;
    execution.image = request_.image_name;
    execution.image_digest = request_.image.id;
    context_.exit_code = execution.exit_code.value_or(run_exit_code(Errc::internal));
    const nlohmann::ordered_json record = record_json(execution);
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

void RunCommand::tell(const RunResult& result)
{
    if (options_.timing) print_timing(result.execution);
    if (options_.quiet) return;
    for (const std::string& warning : result.warnings) context_.say(fmt::format("{}: {}", context_.program, warning));
    if (!result.explanation.empty()) return context_.say(fmt::format("{}: {}", context_.program, result.explanation));
    if (result.execution.reason != Reason::exited || result.execution.exit_code == 0) return;
    const std::filesystem::path script = context_.operands.empty() ? "" : context_.operands.front();
    if (const auto step = next_step(result.last_words, script.parent_path()))
        context_.say(fmt::format("{}: {}", context_.program, *step));
}

void RunCommand::fail(const Error& error)
{
    // Whoever interrupts a run before its program began needs no explanation.
    if (error.code == Errc::cancelled && interrupted_by_ != 0)
        return context_.report_quietly(error, 128 + interrupted_by_);
    context_.report(error);
}

void RunCommand::print_timing(const Execution& execution) const
{
    const auto ms = [](auto duration) { return std::chrono::duration<double, std::milli>(duration).count(); };
    context_.say(fmt::format(
        "{}: {}: {:.1f} ms in all; image {:.1f}, sandbox and program {:.1f} (the program alone {})", context_.program,
        boost::describe::enum_to_string(execution.path, "?"), ms(std::chrono::steady_clock::now() - begin_),
        ms(image_ready_ - begin_), ms(std::chrono::steady_clock::now() - image_ready_), execution.wall_ms.count()));
}

}  // namespace

void build_run_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<RunOptions>();
    add_run_options(command, *options, context);
    command.positionals_at_end();
    set_examples(command, context,
                 {{"run hello.py", "a script; all after its name belongs to it"},
                  {"run -c 'print(1)'", "code from the command line, Python unless --lang says else"},
                  {"run --timeout 10s --memory 1g main.cpp", "compiled, then run, within limits"},
                  {"run --entry main.py project/", "a directory and the file of it that starts"},
                  {"run --lang bash -- sort -r < names", "a command of an image"},
                  {"run --json x.py | jq .exit_code", "the whole result as one object"}});
    command.callback([options, &context] { RunCommand(context, *options).run(); });
}

}  // namespace sbx::cli
