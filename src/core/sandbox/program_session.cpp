#include "core/sandbox/program_session.hpp"

#include "core/read_buffer.hpp"

#include <fmt/format.h>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <csignal>

namespace sbx {
namespace {

constexpr std::size_t stdin_piece_bytes = std::size_t{256} << 10;

bool ends_a_program(int signal)
{
    return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

}  // namespace

wire::Spawn spawn_of(const RunRequest& request, const std::vector<std::string>& argv)
{
    wire::Spawn spawn;
    spawn.argv = argv;
    for (const auto& [name, value] : request.environment) spawn.env.push_back(fmt::format("{}={}", name, value));
    spawn.cwd = request.directory;
    if (request.report_bytes > 0) spawn.channels.push_back(wire::Channel::first_extra);
    spawn.pty = request.terminal.has_value();
    const TerminalSize size = request.terminal.value_or(TerminalSize{});
    spawn.rows = size.rows;
    spawn.columns = size.columns;
    if (request.limits.cpu_ms) {
        const auto seconds = static_cast<std::uint64_t>((request.limits.cpu_ms->count() + 999) / 1000);
        spawn.limits.push_back(wire::ResourceLimit{.resource = "cpu", .soft = seconds, .hard = seconds + 1});
    }
    return spawn;
}

ProgramSession::ProgramSession(AgentLink& link, ProgramIo& io, const RunRequest& request, RunResult& result,
                               Reach reach)
    : link_(link),
      io_(io),
      request_(request),
      reach_(reach),
      stop_(request.limits.grace_ms),
      output_(link, io, stop_, request, result),
      start_(Clock::now())
{
}

void ProgramSession::spawn(Phase phase, const std::vector<std::string>& argv, wire::StreamId after, bool preloaded)
{
    phase_ = phase;
    command_ = argv.front();
    start_ = Clock::now();
    wire::Spawn spawn = spawn_of(request_, argv);
    spawn.after = after;
    spawn.preloaded = preloaded && phase == Phase::run;
    if (phase == Phase::compile) {
        spawn.cwd = "/work";  // where its files are, wherever the program starts
        spawn.input = false;
        spawn.pty = false;
        spawn.limits.clear();
        spawn.channels.clear();
    }
    program_ = link_.owner().spawn(spawn);
    output_.follow(program_);
}

void ProgramSession::spawn_background(const std::vector<std::string>& argv, BackgroundKnown known)
{
    command_ = argv.front();
    wire::Spawn spawn = spawn_of(request_, argv);
    spawn.detached = true;
    program_ = link_.owner().spawn(spawn);
    output_.follow(program_, std::move(known));
}

void ProgramSession::attach(std::uint64_t process, BackgroundKnown known)
{
    wire::Attach attach;
    attach.process = process;
    attach.follow = true;
    program_ = link_.owner().attach(attach);
    output_.follow(program_, std::move(known));
}

asio::awaitable<void> ProgramSession::move_streams(std::function<bool()> holds_stdin)
{
    using namespace asio::experimental::awaitable_operators;
    co_await (feed_stdin(std::move(holds_stdin)) && output_.write(OutputStream::out) &&
              output_.write(OutputStream::err));
}

asio::awaitable<void> ProgramSession::feed_stdin(std::function<bool()> holds_stdin)
{
    ReadBuffer buffer(stdin_piece_bytes);
    while (holds_stdin() && !finished_) co_await link_.changed().wait(std::nullopt);
    while (!finished_ && link_.owner().is_open(program_)) {
        const std::size_t room = std::min(link_.owner().may_send(program_), stdin_piece_bytes);
        if (room == 0) {
            co_await link_.changed().wait(std::nullopt);
            continue;
        }
        const Result<std::size_t> got = co_await io_.read(buffer.all().first(room));
        if (!got || *got == 0) {
            link_.owner().eof(program_);
            link_.flush();
            break;
        }
        link_.owner().send(program_, buffer.first(*got));
        link_.flush();
    }
}

asio::awaitable<PhaseEnd> ProgramSession::run(std::optional<std::chrono::milliseconds> limit,
                                              std::function<bool()> has_begun)
{
    begun_ = false;
    while (link_.outcome(program_) == nullptr && !link_.is_over()) {
        if (!begun_ && has_begun()) begin(limit);
        const std::vector<StopAction> due = stop_.due(Clock::now());
        carry_out(due);
        if (due.empty()) co_await link_.changed().wait(stop_.next());
    }
    if (!begun_) begin(limit);
    co_await output_.drain();
    PhaseEnd end;
    end.phase = phase_;
    end.limits = request_.limits;
    end.limits.wall_ms = limit;
    end.cause = stop_.cause();
    end.polite_signal = stop_.polite_signal();
    end.killed = stop_.killed();
    end.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_);
    co_return end;
}

/// From here on the program's time counts.
void ProgramSession::begin(std::optional<std::chrono::milliseconds> limit)
{
    begun_ = true;
    start_ = Clock::now();
    std::optional<Clock::time_point> time_limit;
    if (limit) time_limit = start_ + *limit;
    stop_.begin(time_limit);
    io_.on_start(phase_);
    output_.begin();
}

void ProgramSession::finish()
{
    finished_ = true;
    output_.finish();
    io_.stop_reading();
}

void ProgramSession::carry_out(const std::vector<StopAction>& actions)
{
    for (const StopAction action : actions) {
        switch (action) {
            case StopAction::ask:
                link_.owner().signal(program_, stop_.polite_signal());
                break;
            case StopAction::kill:
                if (reach_ == Reach::sandbox)
                    link_.owner().kill_all();
                else
                    link_.owner().signal(program_, SIGKILL);
                break;
            case StopAction::give_up:
                gave_up_ = true;
                link_.close();
                break;
        }
        link_.flush();
    }
}

void ProgramSession::signal(int number)
{
    if (!ends_a_program(number)) return pass_signal(number);
    stop_.ask(StopCause::interrupted, number, Clock::now());
    link_.flush();
}

void ProgramSession::pass_signal(int number)
{
    link_.owner().signal(program_, number);
    link_.flush();
}

void ProgramSession::resize(TerminalSize size)
{
    wire::Resize resize;
    resize.rows = size.rows;
    resize.columns = size.columns;
    link_.owner().resize(program_, resize);
    link_.flush();
}

std::optional<Error> ProgramSession::output_failure() const
{
    const std::optional<Error>& failure = output_.failure();
    return failure && failure->code != Errc::cancelled ? failure : std::nullopt;
}

Error ProgramSession::spawn_error(const wire::Failure& failure) const
{
    switch (failure.code) {
        case wire::FailureCode::not_found:
            return Error(Errc::not_found, fmt::format("image {} has no command {}", request_.image_name, command_),
                         "choose an image that has it with --image");
        case wire::FailureCode::no_directory:
            return Error(
                Errc::invalid_argument,
                fmt::format("--workdir: image {} has no directory {}", request_.image_name, request_.directory),
                "--workdir /work");
        default:
            return wire::to_error(failure);
    }
}

}  // namespace sbx
