#include "core/sandbox/kernel_run.hpp"

#include "core/sandbox/session_loss.hpp"
#include "sbx/quantity.hpp"

#include <fmt/format.h>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <csignal>
#include <utility>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr auto interrupt_interval = 500ms;
constexpr int timeout_exit = 124;
constexpr const char* lost_variables = "the kernel ended: its variables are lost";

/// The end of the code as if it had been a program.
wire::Exit exit_of(const KernelAnswer& done, const StopPlan& stop)
{
    wire::Exit exit;
    if (done.status == KernelStatus::interrupted)
        exit.signal =
            static_cast<std::uint32_t>(stop.cause() == StopCause::interrupted ? stop.polite_signal() : SIGINT);
    else
        exit.code = static_cast<std::uint32_t>(done.exit_code.value_or(done.status == KernelStatus::ok ? 0 : 1));
    return exit;
}

}  // namespace

KernelRun::KernelRun(ProgramIo& io, AnswerSink& answers, const SandboxStore& store, SandboxRecord sandbox,
                     RunRequest request, KernelOrder order)
    : io_(io),
      answers_(answers),
      store_(store),
      sandbox_(std::move(sandbox)),
      request_(std::move(request)),
      order_(std::move(order)),
      stop_(request_.limits.grace_ms),
      account_(request_, result_),
      start_(Clock::now())
{
}

asio::awaitable<Result<RunResult>> KernelRun::execute(KernelSession& kernel)
{
    kernel_ = &kernel;
    result_.execution.start_time = std::chrono::system_clock::now();
    result_.execution.path = Path::session;
    const Result<void> worked = co_await work_in_turn();
    if (write_failure_ && write_failure_->code != Errc::cancelled) co_return *write_failure_;
    if (!worked) co_return worked.error();
    result_.execution.end_time = std::chrono::system_clock::now();
    co_return std::move(result_);
}

asio::awaitable<Result<void>> KernelRun::work_in_turn()
{
    std::optional<Clock::time_point> patience;
    if (request_.limits.wall_ms) patience = start_ + *request_.limits.wall_ms;
    for (;;) {
        const Result<std::unique_ptr<KernelTurn>> turn =
            co_await kernel_->take_turn(order_.restart, patience, unwanted_);
        if (!turn && turn.error().code == Errc::deadline_exceeded) {
            conclude_busy();
            co_return Result<void>();
        }
        if (!turn) co_return turn.error();
        kernel_->start_with(order_.place.environment, order_.place.directory);
        const Result<void> opened = co_await kernel_->open(**turn, order_.restart);
        if (!opened) co_return opened;
        if (!kernel_->notice().empty()) result_.warnings.push_back(kernel_->notice());
        if (unwanted_) co_return Error(Errc::cancelled, "nobody waits for it any more");
        co_await run_opened();
        if (*end_ || kernel_->gave_up()) co_return conclude();
        const bool refused = co_await (*turn)->give_back();
        if (!refused) co_return conclude();
        if (stop_.cause()) break;
        end_.reset();
    }
    // Whoever was ended before a line of it ran has lost nothing.
    KernelEnd interrupted;
    interrupted.done.emplace();
    interrupted.done->status = KernelStatus::interrupted;
    end_.emplace(std::move(interrupted));
    co_return conclude();
}

asio::awaitable<void> KernelRun::run_opened()
{
    using namespace asio::experimental::awaitable_operators;
    start_ = Clock::now();
    std::optional<Clock::time_point> time_limit;
    if (request_.limits.wall_ms) time_limit = start_ + *request_.limits.wall_ms;
    stop_.begin(time_limit);
    if (!std::exchange(began_, true)) io_.on_start(Phase::run);
    running_ = true;
    co_await (run_code() && control());
    running_ = false;
}

asio::awaitable<void> KernelRun::run_code()
{
    // By a copy: a turn that is refused is followed by another.
    std::string code = order_.code;
    CellInput input = order_.input;
    end_.emplace(co_await kernel_->execute(std::move(code), std::move(input), *this));
    kernel_->link().changed().notify_all();
}

/// Ends the code when it is due; an interrupt is repeated until it is heeded.
asio::awaitable<void> KernelRun::control()
{
    while (!end_ && !kernel_->link().is_over()) {
        const std::vector<StopAction> due = stop_.due(Clock::now());
        carry_out(due);
        if (!due.empty()) continue;
        std::optional<Clock::time_point> next = stop_.next();
        if (interrupted_at_) {
            const Clock::time_point again = *interrupted_at_ + interrupt_interval;
            if (Clock::now() >= again) {
                carry_out({StopAction::ask});
                continue;
            }
            next = next ? std::min(*next, again) : again;
        }
        co_await kernel_->link().changed().wait(next);
    }
}

void KernelRun::carry_out(const std::vector<StopAction>& actions)
{
    for (const StopAction action : actions) {
        switch (action) {
            case StopAction::ask:
                interrupted_at_ = Clock::now();
                kernel_->interrupt();
                break;
            case StopAction::kill:
                interrupted_at_.reset();
                kernel_->kill();
                break;
            case StopAction::give_up:
                kernel_->give_up();
                break;
        }
    }
}

PhaseEnd KernelRun::phase_end() const
{
    PhaseEnd end;
    end.limits = request_.limits;
    end.cause = stop_.cause();
    end.polite_signal = stop_.polite_signal();
    end.killed = stop_.killed();
    end.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_);
    return end;
}

Result<void> KernelRun::conclude()
{
    const PhaseEnd end = phase_end();
    if (!*end_ && (kernel_->link().is_over() || kernel_->gave_up()) && !kernel_->link().fault()) {
        record_session_loss(store_, sandbox_.id, end, result_);
        return {};
    }
    if (!*end_) return end_->error();
    const KernelEnd& ended = **end_;
    if (ended.done) {
        wire::Exit exit = exit_of(*ended.done, stop_);
        exit.wall_us = static_cast<std::uint64_t>(std::chrono::microseconds(end.elapsed).count());
        record_exit(exit, end, result_);
        return {};
    }
    wire::Exit exit = *ended.exit;
    exit.user_us = exit.system_us = exit.peak_rss_bytes = 0;  // of all its life
    record_exit(exit, end, result_);
    std::string& words = result_.explanation;
    if (!ended.violation.empty()) words = ended.violation;
    words += words.empty() ? lost_variables : fmt::format("; {}", lost_variables);
    return {};
}

void KernelRun::conclude_busy()
{
    const std::chrono::milliseconds limit = *request_.limits.wall_ms;
    Execution& execution = result_.execution;
    execution.reason = Reason::timeout;
    execution.origin = Origin::sbx;
    execution.exit_code = timeout_exit;
    execution.wall_ms = limit;
    result_.explanation =
        fmt::format("timeout: the kernel is busy with another execution for longer than {}; try --timeout {}",
                    format_duration(limit), format_duration(limit * 2));
}

bool KernelRun::signal(int number)
{
    if (!running_ && number == SIGTERM) {
        unwanted_ = true;
        if (kernel_ != nullptr) kernel_->link().changed().notify_all();  // it may wait for its turn
    }
    if (!running_ || end_) return false;
    const bool ends = number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT;
    if (ends) stop_.ask(StopCause::interrupted, number, Clock::now());
    kernel_->link().flush();
    return true;
}

void KernelRun::give_input(const std::string& text)
{
    if (running_ && !end_) kernel_->give_input(text);
}

asio::awaitable<void> KernelRun::on_output(OutputStream stream, std::span<const char> bytes)
{
    const std::uint8_t channel = stream == OutputStream::out ? wire::Channel::out : wire::Channel::err;
    const std::span<const char> taken = account_.take(channel, bytes);
    check_account();
    if (write_failure_ || taken.empty()) co_return;
    note(co_await io_.write(stream, taken));
}

asio::awaitable<void> KernelRun::on_answer(const KernelAnswer& answer)
{
    const bool fits = account_.take(answer.bytes);
    check_account();
    if (write_failure_ || !fits) co_return;
    if (answer.type == KernelAnswerType::input)
        answers_.want_input();
    else
        note(co_await answers_.show(answer));
}

void KernelRun::note(const Result<void>& written)
{
    if (written) return;
    write_failure_ = written.error();
    const bool reader_gone = write_failure_->code == Errc::cancelled;
    stop_.ask(reader_gone ? StopCause::reader_gone : StopCause::output_failed, SIGINT, Clock::now());
    kernel_->link().flush();
}

void KernelRun::check_account()
{
    if (!account_.is_exceeded() || stop_.cause()) return;
    stop_.ask(StopCause::output_limit, SIGINT, Clock::now());
    kernel_->link().flush();
}

}  // namespace sbx
