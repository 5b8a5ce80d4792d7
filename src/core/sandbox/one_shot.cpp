#include "core/sandbox/one_shot.hpp"

#include "core/sandbox/collect.hpp"
#include "core/with_timeout.hpp"

#include <fmt/format.h>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <csignal>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t stdin_piece_bytes = std::size_t{256} << 10;
constexpr auto patience_for_ending = 2s;
constexpr auto stop_lease = 24h;

bool ends_a_program(int signal)
{
    return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

}  // namespace

OneShot::OneShot(const asio::any_io_executor& executor, Engine& engine, ProgramIo& io, const RunRequest& request,
                 Mount agent, std::string standby)
    : engine_(engine),
      io_(io),
      request_(request),
      agent_(std::move(agent)),
      standby_(std::move(standby)),
      link_(executor),
      stop_(request.limits.grace_ms),
      output_(link_, io_, stop_, request_, result_)
{
}

asio::awaitable<Result<RunResult>> OneShot::execute()
{
    using namespace asio::experimental::awaitable_operators;
    Result<Uploads> uploads = Uploads::open(request_);
    if (!uploads) co_return uploads.error();
    uploads_ = std::move(*uploads);
    const Result<void> ready = queue_opening();
    if (!ready) co_return ready.error();

    result_.execution.start_time = std::chrono::system_clock::now();
    Result<Launched> launched = co_await open_sandbox(link_.owner().take_outgoing());
    if (!launched) co_return launched.error();
    id_ = launched->id;
    life_ = std::move(launched->life);
    phase_start_ = Clock::now();
    serving_ = true;
    std::exception_ptr thrown;
    try {
        co_await (link_.serve(std::move(launched->channel)) && watch_start() && feed_inputs() && feed_stdin() &&
                  output_.write(OutputStream::out) && output_.write(OutputStream::err) && control());
    } catch (...) {
        thrown = std::current_exception();  // a catch block cannot co_await
    }
    serving_ = false;
    if (gave_up_ || thrown || link_.fault()) {
        // Frozen, hostile, or still being started: it may not end by itself. Where the engine cannot remove it, the
        // sweep will.
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        const Result<void> removed = co_await engine_.remove(id_);
        co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    }
    if (thrown) std::rethrow_exception(thrown);
    if (failure_) co_return *failure_;
    result_.execution.end_time = std::chrono::system_clock::now();
    co_return std::move(result_);
}

// ---- the way in

asio::awaitable<Result<Launched>> OneShot::open_sandbox(std::string opening)
{
    result_.execution.path = standby_.empty() ? Path::cold : Path::standby;
    if (!standby_.empty()) co_return co_await engine_.adopt(standby_, std::move(opening));
    Plan sandbox = plan();
    co_return co_await engine_.launch(std::move(sandbox), std::move(opening));
}

Plan OneShot::plan() const
{
    Plan plan;
    plan.name = "sbx-" + request_.execution_id;
    plan.image = request_.image.id;
    plan.limits = request_.limits;
    plan.mounts.push_back(agent_);
    plan.labels = request_.labels;
    plan.network = request_.network;
    plan.isolation = request_.isolation;
    plan.one_shot = true;
    return plan;
}

/// Everything that the agent needs to begin: nothing waits for a round trip.
Result<void> OneShot::queue_opening()
{
    wire::Owner& owner = link_.owner();
    owner.hello();
    wire::Claim claim;
    claim.token = request_.execution_id;
    claim.one_shot = true;
    owner.claim(claim);
    const Result<wire::StreamId> files = uploads_.queue(owner);
    if (!files) return files.error();
    phase_ = request_.compile.empty() ? Phase::run : Phase::compile;
    program_ = spawn(phase_ == Phase::compile ? request_.compile : request_.command, *files);
    return {};
}

wire::StreamId OneShot::spawn(const std::vector<std::string>& argv, wire::StreamId after)
{
    wire::Spawn spawn;
    spawn.after = after;
    spawn.argv = argv;
    for (const auto& [name, value] : request_.environment) spawn.env.push_back(fmt::format("{}={}", name, value));
    spawn.cwd = request_.directory;
    if (phase_ == Phase::run) {
        spawn.preloaded =
            !standby_.empty() && std::ranges::find(request_.preload, argv.front()) != request_.preload.end();
        spawn.pty = request_.terminal.has_value();
        const TerminalSize size = request_.terminal.value_or(TerminalSize{});
        spawn.rows = size.rows;
        spawn.columns = size.columns;
        if (request_.limits.cpu_ms) {
            const auto seconds = static_cast<std::uint64_t>((request_.limits.cpu_ms->count() + 999) / 1000);
            spawn.limits.push_back(wire::ResourceLimit{.resource = "cpu", .soft = seconds, .hard = seconds + 1});
        }
    } else {
        spawn.input = false;
    }
    const wire::StreamId stream = link_.owner().spawn(spawn);
    output_.follow(stream);
    return stream;
}

asio::awaitable<void> OneShot::feed_inputs()
{
    while (!finished_) {
        const Result<bool> sent = uploads_.feed(link_.owner());
        if (!sent) {
            failure_ = failure_.value_or(sent.error());
            link_.close();
            co_return;
        }
        link_.flush();
        if (*sent) co_return;
        co_await link_.changed().wait(std::nullopt);
    }
}

asio::awaitable<void> OneShot::feed_stdin()
{
    std::vector<char> buffer;
    // A standby may turn out to be dead: then stdin is another sandbox's.
    const auto is_early = [&] { return phase_ != Phase::run || (!standby_.empty() && !link_.said_hello()); };
    while (is_early() && !finished_) co_await link_.changed().wait(std::nullopt);
    while (!finished_ && link_.owner().is_open(program_)) {
        const std::size_t room = std::min(link_.owner().may_send(program_), stdin_piece_bytes);
        if (room == 0) {
            co_await link_.changed().wait(std::nullopt);
            continue;
        }
        buffer.resize(room);
        const Result<std::size_t> got = co_await io_.read(buffer);
        if (!got || *got == 0) {
            link_.owner().eof(program_);
            link_.flush();
            break;
        }
        link_.owner().send(program_, std::span(buffer).first(*got));
        link_.flush();
    }
}

// ---- the program's life

asio::awaitable<void> OneShot::control()
{
    Result<void> done = co_await run_phases();
    if (done && !link_.is_over()) done = co_await collect_files(link_, request_, uploads_.work_files(), result_);
    if (!done) failure_ = failure_.value_or(done.error());
    finished_ = true;
    output_.finish();
    io_.stop_reading();
    link_.close();
}

asio::awaitable<Result<void>> OneShot::run_phases()
{
    if (phase_ == Phase::compile) {
        const Result<void> compiled = co_await finish_phase(request_.compile_timeout);
        if (!compiled) co_return compiled;
        if (result_.execution.exit_code != 0) co_return compiled;
        phase_ = Phase::run;
        program_ = spawn(request_.command, 0);
        link_.flush();
    }
    co_return co_await finish_phase(request_.limits.wall_ms);
}

/// Lets the phase under way come to its end, and sees to it that it does.
asio::awaitable<Result<void>> OneShot::finish_phase(std::optional<std::chrono::milliseconds> limit)
{
    begun_ = false;
    while (link_.outcome(program_) == nullptr && !link_.is_over()) {
        if (!begun_ && link_.said_hello() && uploads_.are_over(link_)) {  // now the program starts
            begin_phase(limit);
        }
        const std::vector<StopAction> due = stop_.due(Clock::now());
        carry_out(due);
        if (due.empty()) co_await link_.changed().wait(stop_.next());
    }
    if (!begun_) begin_phase(limit);
    co_await output_.drain();
    PhaseEnd end;
    end.phase = phase_;
    end.limits = request_.limits;
    end.limits.wall_ms = limit;
    end.cause = stop_.cause();
    end.polite_signal = stop_.polite_signal();
    end.killed = stop_.killed();
    end.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - phase_start_);
    co_return co_await conclude_phase(end);
}

/// From here on the program's time counts.
void OneShot::begin_phase(std::optional<std::chrono::milliseconds> limit)
{
    begun_ = true;
    phase_start_ = Clock::now();
    std::optional<Clock::time_point> time_limit;
    if (limit) time_limit = phase_start_ + *limit;
    stop_.begin(time_limit);
    io_.on_start(phase_);
    output_.begin();
}

/// Why the program could not be started.
Error OneShot::spawn_error(const wire::Failure& failure) const
{
    const std::vector<std::string>& argv = phase_ == Phase::compile ? request_.compile : request_.command;
    switch (failure.code) {
        case wire::FailureCode::not_found:
            return Error(Errc::not_found, fmt::format("image {} has no command {}", request_.image_name, argv.front()),
                         "choose an image that has it with --image");
        case wire::FailureCode::no_directory:
            return Error(
                Errc::invalid_argument,
                fmt::format("--workdir: image {} has no directory {}", request_.image_name, request_.directory),
                "--workdir /work");
        case wire::FailureCode::cancelled:
            // It came after the input files: what became of them is the reason.
            if (const wire::Failure* cause = uploads_.failure(link_)) return wire::to_error(*cause);
            break;
        default:
            break;
    }
    return wire::to_error(failure);
}

/// What the engine says of a sandbox whose agent never spoke.
Error OneShot::never_spoke(const Ending& ending) const
{
    if (ending.last_words.find("exec format error") != std::string::npos)
        return Error(Errc::image_unavailable,
                     fmt::format("image {} is for {}, which the engine's machine cannot run", request_.image_name,
                                 request_.image.architecture),
                     "choose an image of the engine's own architecture with --image; sbx doctor tells it");
    return Error(Errc::internal, fmt::format("the sandbox ended before its agent spoke: {}", ending.last_words),
                 "sbx doctor");
}

asio::awaitable<Result<void>> OneShot::conclude_phase(PhaseEnd end)
{
    if (const auto& failure = output_.failure(); failure && failure->code != Errc::cancelled) co_return *failure;
    if (const Outcome* outcome = link_.outcome(program_)) {
        if (const auto* failure = std::get_if<wire::Failure>(outcome)) co_return spawn_error(*failure);
        record_exit(std::get<wire::Exit>(*outcome), end, result_);
        co_return Result<void>();
    }
    // An engine that does not answer an interrupted start changes nothing for whoever interrupted it.
    if (failure_ && end.cause == StopCause::interrupted) co_return Error(Errc::cancelled, "interrupted");
    if (failure_) co_return *failure_;
    if (link_.fault()) co_return *link_.fault();
    // Without the engine's word on how it ended, the engine is what was lost.
    std::optional<Ending> known;
    const Result<Ending> ending = co_await with_timeout(life_->ended(), patience_for_ending);
    if (ending) known = *ending;
    if (known && !link_.said_hello() && !known->oom && !known->killed) co_return never_spoke(*known);
    record_lost(known, end, result_);
    co_return Result<void>();
}

void OneShot::carry_out(const std::vector<StopAction>& actions)
{
    for (const StopAction action : actions) {
        switch (action) {
            case StopAction::ask:
                link_.owner().signal(program_, stop_.polite_signal());
                break;
            case StopAction::kill:
                link_.owner().kill_all();
                break;
            case StopAction::give_up:
                gave_up_ = true;
                link_.close();
                break;
        }
        link_.flush();
    }
}

asio::awaitable<void> OneShot::watch_start()
{
    const Result<void> started = co_await life_->started();
    if (started || finished_) co_return;
    failure_ = failure_.value_or(started.error());
    link_.close();
}

bool OneShot::signal(int number)
{
    if (!serving_ || finished_ || !link_.said_hello()) return false;
    if (ends_a_program(number)) {
        stop_.ask(StopCause::interrupted, number, Clock::now());
    } else {
        link_.owner().signal(program_, number);
    }
    link_.flush();
    return true;
}

void OneShot::resize(TerminalSize size)
{
    wire::Resize resize;
    resize.rows = size.rows;
    resize.columns = size.columns;
    link_.owner().resize(program_, resize);
    link_.flush();
}

void OneShot::stopping()
{
    link_.owner().stop(stop_lease);
    link_.flush();
}

void OneShot::continued()
{
    link_.owner().cont();
    link_.flush();
}

}  // namespace sbx
