#include "cli/repl.hpp"

#include "cli/device_attributes.hpp"
#include "cli/kernel_files.hpp"
#include "cli/line_editor.hpp"
#include "cli/piped_lines.hpp"
#include "cli/with_keeper.hpp"
#include "core/sandbox/kernel_place.hpp"
#include "core/sandbox/kernel_results.hpp"

#include <unistd.h>
#include <nlohmann/json.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto patience_with_answer = 10s;  // somebody waits at the keyboard
constexpr auto patience_with_code = 2s;     // after Ctrl-C
constexpr std::array<std::string_view, 5> farewells{"exit", "exit()", "quit", "quit()", ".exit"};

struct Prompts {
    std::string_view language;
    const char* first;
    const char* next;
};

constexpr std::array prompts{Prompts{"python", ">>> ", "... "}, Prompts{"bash", "$ ", "> "}};
constexpr Prompts other_prompts{"", "> ", "... "};

/// Lives as long as it is served.
asio::awaitable<void> serve(std::shared_ptr<AgentLink> link, std::unique_ptr<Channel> channel)
{
    co_await link->serve(std::move(channel));
}

/// A new directory for this session's pictures.
std::filesystem::path temporary_directory()
{
    std::error_code failed;
    std::string pattern = (std::filesystem::temp_directory_path(failed) / "sbx-repl-XXXXXX").native();
    const char* made = ::mkdtemp(pattern.data());
    return made == nullptr ? std::filesystem::path(".") : std::filesystem::path(made);
}

nlohmann::ordered_json pictures_of(const nlohmann::ordered_json& data)
{
    nlohmann::ordered_json pictures = nlohmann::ordered_json::object();
    for (const auto& [mime, value] : data.items())
        if (mime.starts_with("image/") || mime == "application/pdf") pictures[mime] = value;
    return pictures;
}

}  // namespace

boost::asio::awaitable<Result<void>> SessionStreams::write(OutputStream stream, std::span<const char> bytes)
{
    if (!bytes.empty()) in_line_ = bytes.back() != '\n';
    return StandardStreams::write(stream, bytes);
}

Repl::Repl(Context& context, ReplPlace place)
    : context_(context),
      place_(std::move(place)),
      store_(sandbox_store(context)),
      streams_(loop_.executor()),
      input_(loop_, streams_),
      pictures_(::isatty(STDOUT_FILENO) != 0 ? picture_protocol(context.environment) : PictureProtocol::none),
      at_terminal_(::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0)
{
}

void Repl::talk()
{
    const std::unique_ptr<LineSource> lines = open_lines();
    if (const auto ready = ask(ask_completeness("")); !ready) return end_with(ready.error());
    while (const std::optional<std::string> cell = read_cell(*lines)) {
        if (std::ranges::find(farewells, *cell) != farewells.end()) break;
        if (!run_cell(*cell)) break;
        end_line();
    }
    if (loop_.ending() != 0) context_.exit_code = 128 + loop_.ending();
}

std::unique_ptr<LineSource> Repl::open_lines()
{
    if (!at_terminal_) return std::make_unique<PipedLines>(input_);
    const std::filesystem::path state = directories(context_.environment, ::getuid()).state;
    HistoryFile history(state.empty() ? state : state / "history" / place_.kernel.language);
    auto completer = [this](const std::string& code, std::size_t cursor) { return complete(code, cursor); };
    return std::make_unique<LineEditor>(loop_, input_, completer, std::move(history));
}

std::string Repl::prompt_for(const std::string& cell) const
{
    const auto* row = std::ranges::find(prompts, place_.kernel.language, &Prompts::language);
    const Prompts& known = row == prompts.end() ? other_prompts : *row;
    return cell.empty() ? known.first : known.next;
}

/// @return nothing at the end of the session
std::optional<std::string> Repl::read_cell(LineSource& lines)
{
    std::string cell;
    std::string indent;
    for (;;) {
        const TypedLine line = lines.read({prompt_for(cell), indent, cell});
        if (loop_.ending() != 0) return std::nullopt;
        if (line.kind == TypedLine::Kind::interrupted && !at_terminal_) {
            context_.exit_code = 128 + SIGINT;
            return std::nullopt;
        }
        if (line.kind == TypedLine::Kind::end) return is_blank(cell) ? std::nullopt : std::optional(cell);
        cell += line.text;
        if (line.kind == TypedLine::Kind::interrupted || is_blank(cell)) {
            cell.clear();
            indent.clear();
            continue;
        }
        if (!lines.goes_on()) {
            const Result<KernelAnswer> answer = ask(ask_completeness(cell));
            const KernelCompleteness known = answer ? completeness_of(*answer) : KernelCompleteness();
            if (loop_.ending() != 0) return std::nullopt;  // it came while the kernel was asked
            if (!known.wants_more) return cell;
            indent = known.indent;
        }
        cell += '\n';
    }
}

KernelCompletions Repl::complete(const std::string& code, std::size_t cursor)
{
    const Result<KernelAnswer> answer = ask(ask_completions(code, cursor));
    return answer ? completions_of(*answer) : KernelCompletions();
}

Result<KernelAnswer> Repl::ask(KernelQuestion question)
{
    const Result<KernelSession*> kernel = connect();
    if (!kernel) return kernel.error();
    const auto until = std::chrono::steady_clock::now() + patience_with_answer;
    auto answer = loop_.run(ask_kernel(**kernel, std::move(question), until));
    return answer ? std::move(*answer) : Error(Errc::cancelled, "interrupted");
}

/// Being connected counts as use: while a session lasts, its sandbox is not idle.
Result<KernelSession*> Repl::connect()
{
    if (kernel_ && !link_->is_over()) return kernel_.get();
    kernel_.reset();
    const Result<SandboxRecord> living = find_living(store_, place_.sandbox.id);
    if (!living) return living.error();
    auto channel = open_keeper(loop_.executor(), context_, store_, place_.sandbox);
    if (!channel) return channel.error();
    link_ = std::make_shared<AgentLink>(loop_.executor(), AgentLink::Upkeep::pings);
    greet_keeper(*link_, place_.sandbox);
    asio::co_spawn(loop_.executor(), serve(link_, std::move(*channel)), asio::detached);
    kernel_ = std::make_unique<KernelSession>(*link_, place_.kernel);
    return kernel_.get();
}

/// @return whether the session goes on
bool Repl::run_cell(std::string code)
{
    const Result<RunResult> result = execute(std::move(code));
    if (!result && result.error().code == Errc::cancelled) return at_terminal_ && loop_.ending() == 0;
    if (!result) {
        end_with(result.error());
        return false;
    }
    end_line();
    for (const std::string& warning : result->warnings) context_.say(fmt::format("{}: {}", context_.program, warning));
    if (!result->explanation.empty()) context_.say(fmt::format("{}: {}", context_.program, result->explanation));
    const int code_of_cell = result->execution.exit_code.value_or(run_exit_code(Errc::internal));
    if (!at_terminal_) context_.exit_code = code_of_cell;
    return loop_.ending() == 0 && (at_terminal_ || code_of_cell == 0);
}

Result<RunResult> Repl::execute(std::string code)
{
    const Result<KernelSession*> kernel = connect();
    if (!kernel) return kernel.error();
    KernelOrder order;
    order.place = place_.kernel;
    order.code = std::move(code);
    order.input.asks = at_terminal_;
    AnswerSink& answers = *this;
    KernelRun run(streams_, answers, store_, place_.sandbox, place_.request, std::move(order));
    cell_ = &run;
    cell_is_over_ = std::make_shared<bool>(false);
    cell_waits_for_line_ = false;
    loop_.set_receiver([this, &run](int signal) { return on_signal(run, signal); });
    auto result = loop_.run(run.execute(**kernel));
    loop_.set_receiver({});
    *cell_is_over_ = true;
    input_.notify();
    return result ? std::move(*result) : Error(Errc::cancelled, "interrupted");
}

/// Ctrl-C interrupts the cell; whoever presses it again ends the kernel.
bool Repl::on_signal(KernelRun& run, int signal)
{
    if (signal == SIGTSTP || signal == SIGWINCH) return false;
    if (!run.signal(signal)) {
        loop_.cancel();
    } else if (signal == SIGINT) {
        asio::co_spawn(loop_.executor(), warn_of_deafness(cell_is_over_), asio::detached);
    } else {
        run.signal(signal);  // nobody is left to wait for it
    }
    return true;
}

asio::awaitable<void> Repl::warn_of_deafness(std::shared_ptr<bool> is_over)
{
    asio::steady_timer timer(loop_.executor(), patience_with_code);
    co_await timer.async_wait(asio::use_awaitable);
    if (*is_over) co_return;
    context_.say(fmt::format("{}: the code does not heed Ctrl-C; once more ends the kernel, and its variables",
                             context_.program));
}

asio::awaitable<Result<void>> Repl::show(const KernelAnswer& answer)
{
    Result<std::string> value = std::string();
    if (answer.fields.contains("data")) {
        if (answer.fields["data"].contains("image/png")) co_await learn_pictures();
        value = picture_text(answer);
    }
    if (!value) co_return value.error();
    co_return co_await show_answer(streams_, answer, std::move(*value));
}

void Repl::want_input()
{
    if (!at_terminal_ || std::exchange(cell_waits_for_line_, true)) return;
    asio::co_spawn(loop_.executor(), give_line(*cell_, cell_is_over_), asio::detached);
}

/// The terminal's next line, once it is typed. What is typed without being asked for is left to the next prompt.
asio::awaitable<void> Repl::give_line(KernelRun& run, std::shared_ptr<bool> is_over)
{
    const bool was_typed_ahead = input_.has_line();
    std::function<bool()> is_done = [&] { return *is_over || input_.has_line(); };
    co_await input_.wait(std::move(is_done), std::nullopt);
    if (*is_over) co_return;
    const std::string line = input_.take_line();
    // The line editor, which then had the terminal, has shown nothing of it.
    if (was_typed_ahead) co_await streams_.write(OutputStream::out, line);
    if (line.ends_with('\n')) streams_.begin_line();
    cell_waits_for_line_ = false;
    if (!*is_over) run.give_input(line);
}

/// Asks the terminal, once, and only where there is something to draw.
asio::awaitable<void> Repl::learn_pictures()
{
    if (pictures_ != PictureProtocol::unknown) co_return;
    pictures_ = PictureProtocol::none;
    if (!at_terminal_) co_return;
    const bool has_sixel = co_await draws_sixel(input_);
    if (has_sixel) pictures_ = PictureProtocol::sixel;
}

/// What is written for a value: a drawing where the terminal takes it, else its text and the files of its pictures.
Result<std::string> Repl::picture_text(const KernelAnswer& answer)
{
    const nlohmann::ordered_json pictures = pictures_of(answer.fields["data"]);
    for (const auto& [mime, value] : pictures.items()) {
        const std::optional<std::string> content = content_of(mime, value);
        const std::optional<std::string> drawing =
            content ? drawing_of(pictures_, mime, *content) : std::optional<std::string>();
        if (drawing) return *drawing;
    }
    std::string text = text_of(answer);
    if (pictures.empty()) return text;
    if (place_.artifacts.empty()) place_.artifacts = temporary_directory();
    const Result<SavedValues> saved = save_values(pictures, place_.artifacts);
    if (!saved) return saved.error();
    for (const std::filesystem::path& file : saved->files) text += fmt::format("\n→ {}", file.native());
    for (const std::string& warning : saved->warnings) text += fmt::format("\n→ {}", warning);
    return text;
}

/// The next prompt begins a line of its own.
void Repl::end_line()
{
    if (!at_terminal_ || !streams_.is_in_line()) return;
    const std::string_view end = "\n";
    loop_.run(streams_.write(OutputStream::out, end));
}

void Repl::end_with(const Error& error)
{
    context_.report(error);
}

}  // namespace sbx::cli
