#include "core/sandbox/one_shot.hpp"

#include "core/sandbox/collect.hpp"
#include "core/sandbox/product.hpp"
#include "core/sandbox/start_failure.hpp"
#include "core/with_timeout.hpp"

#include <fmt/format.h>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr auto patience_for_ending = 2s;
constexpr auto stop_lease = 24h;

}  // namespace

OneShot::OneShot(const asio::any_io_executor& executor, SandboxWay& way, ProgramIo& io, const RunRequest& request)
    : way_(way),
      io_(io),
      request_(request),
      link_(executor),
      egress_(link_, EgressList(request.allow), permitting(request.permit)),
      program_(link_, io, request_, result_, ProgramSession::Reach::sandbox)
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
    result_.execution.path = way_.is_standby() ? Path::standby : Path::cold;
    Result<Launched> launched = co_await way_.open(request_, link_.owner().take_outgoing());
    if (!launched) co_return launched.error();
    id_ = launched->id;
    life_ = std::move(launched->life);
    serving_ = true;
    std::exception_ptr thrown;
    std::function<bool()> holds = [this] { return holds_stdin(); };
    try {
        co_await (link_.serve(std::move(launched->channel)) && watch_start() && feed_inputs() && egress_.serve() &&
                  program_.move_streams(std::move(holds)) && control());
    } catch (...) {
        thrown = std::current_exception();  // a catch block cannot co_await
    }
    serving_ = false;
    if (program_.gave_up() || thrown || link_.fault()) {
        // Frozen, hostile, or still being started: it may not end by itself. Where the engine cannot remove it, the
        // sweep will.
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await way_.remove(id_);
        co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    }
    if (thrown) std::rethrow_exception(thrown);
    if (failure_) co_return *failure_;
    result_.execution.end_time = std::chrono::system_clock::now();
    result_.execution.network = egress_.attempts().all();
    co_return std::move(result_);
}

// ---- the way in

/// Everything that the agent needs to begin: nothing waits for a round trip.
Result<void> OneShot::queue_opening()
{
    wire::Owner& owner = link_.owner();
    owner.hello();
    wire::Claim claim;
    claim.token = request_.execution_id;
    claim.one_shot = true;
    owner.claim(claim);
    egress_.announce();
    const Result<wire::StreamId> files = uploads_.queue(owner);
    if (!files) return files.error();
    spawn(request_.compile.empty() ? Phase::run : Phase::compile, *files);
    return {};
}

void OneShot::spawn(Phase phase, wire::StreamId after)
{
    const std::vector<std::string>& argv = phase == Phase::compile ? request_.compile : request_.command;
    program_.spawn(phase, argv, after, way_.is_standby() && request_.fits_preload);
}

asio::awaitable<void> OneShot::feed_inputs()
{
    while (!program_.is_finished()) {
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

/// A standby may turn out to be dead: then stdin is another sandbox's.
bool OneShot::holds_stdin() const
{
    return program_.phase() != Phase::run || (way_.is_standby() && !link_.said_hello());
}

// ---- the program's life

asio::awaitable<void> OneShot::control()
{
    Result<void> done = co_await run_phases();
    if (done && !link_.is_over()) done = co_await collect_files(link_, request_, uploads_.work_files(), result_);
    if (!done) failure_ = failure_.value_or(done.error());
    if (done) co_await egress_.drain();
    program_.finish();
    link_.close();
}

asio::awaitable<Result<void>> OneShot::run_phases()
{
    std::optional<std::chrono::milliseconds> time = request_.limits.wall_ms;
    if (program_.phase() == Phase::compile) {
        const Result<void> compiled = co_await finish_phase(request_.compile_timeout);
        if (!compiled) co_return compiled;
        if (result_.execution.exit_code != 0) co_return compiled;
        if (time && request_.wall_spans_phases) time = std::max(1ms, *time - result_.execution.wall_ms);
        co_await hand_out_product();
        spawn(Phase::run, 0);
        link_.flush();
    }
    co_return co_await finish_phase(time);
}

/// Before the program, which could change it.
asio::awaitable<void> OneShot::hand_out_product()
{
    std::string name = request_.keep_product ? product_name(request_.compile) : std::string();
    if (name.empty()) co_return;
    Result<std::string> product = co_await fetch_product(link_, std::move(name));
    if (product) io_.on_product(std::move(*product));
}

asio::awaitable<Result<void>> OneShot::finish_phase(std::optional<std::chrono::milliseconds> limit)
{
    std::function<bool()> has_begun = [this] { return link_.said_hello() && uploads_.are_over(link_); };
    PhaseEnd end = co_await program_.run(limit, std::move(has_begun));
    co_return co_await conclude_phase(end);
}

/// Why the program could not be started: it came after the input files, whose failure is the reason then.
Error OneShot::spawn_error(const wire::Failure& failure) const
{
    const wire::Failure* cause = failure.code == wire::FailureCode::cancelled ? uploads_.failure(link_) : nullptr;
    return cause ? wire::to_error(*cause) : program_.spawn_error(failure);
}

asio::awaitable<Result<void>> OneShot::conclude_phase(PhaseEnd end)
{
    if (const auto failure = program_.output_failure()) co_return *failure;
    if (const Outcome* outcome = link_.outcome(program_.program())) {
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
    if (known && !link_.said_hello() && !known->oom && !known->killed)
        co_return start_failure(*known, request_.image_name, request_.image.architecture);
    record_lost(known, end, result_);
    co_return Result<void>();
}

asio::awaitable<void> OneShot::watch_start()
{
    const Result<void> started = co_await life_->started();
    if (started || program_.is_finished()) co_return;
    failure_ = failure_.value_or(started.error());
    link_.close();
}

bool OneShot::signal(int number)
{
    if (!serving_ || program_.is_finished() || !link_.said_hello()) return false;
    program_.signal(number);
    return true;
}

void OneShot::resize(TerminalSize size)
{
    program_.resize(size);
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
