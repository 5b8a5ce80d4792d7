#include "core/sandbox/session_run.hpp"

#include "core/net/attempts.hpp"
#include "core/sandbox/session_loss.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace sbx {
namespace {

Error attach_error(const wire::Failure& failure)
{
    if (failure.code == wire::FailureCode::cancelled) return Error(Errc::cancelled, "somebody else follows it now");
    return wire::to_error(failure);
}

}  // namespace

SessionRun::SessionRun(const asio::any_io_executor& executor, ProgramIo& io, const SandboxStore& store,
                       SandboxRecord sandbox, RunRequest request)
    : store_(store),
      sandbox_(std::move(sandbox)),
      request_(std::move(request)),
      link_(executor, AgentLink::Upkeep::pings),
      program_(link_, io, request_, result_, ProgramSession::Reach::program)
{
}

SessionRun::SessionRun(const asio::any_io_executor& executor, ProgramIo& io, const SandboxStore& store,
                       SandboxRecord sandbox, RunRequest request, Background background)
    : SessionRun(executor, io, store, std::move(sandbox), std::move(request))
{
    background_ = std::move(background);
}

void SessionRun::begin()
{
    if (!background_)
        program_.spawn(Phase::run, request_.command, 0, false);
    else if (background_->process)
        program_.attach(*background_->process, background_->known);
    else
        program_.spawn_background(request_.command, background_->known);
}

asio::awaitable<Result<RunResult>> SessionRun::execute(std::unique_ptr<Channel> keeper)
{
    using namespace asio::experimental::awaitable_operators;
    link_.owner().hello();
    wire::Claim claim;
    claim.token = sandbox_.token;
    claim_ = link_.owner().claim(claim);
    begin();
    result_.execution.start_time = std::chrono::system_clock::now();
    result_.execution.path = Path::session;
    serving_ = true;
    std::function<bool()> holds_nothing = [] { return false; };
    co_await (link_.serve(std::move(keeper)) && program_.move_streams(std::move(holds_nothing)) && control());
    serving_ = false;
    if (failure_) co_return *failure_;
    result_.execution.end_time = std::chrono::system_clock::now();
    if (const auto now = store_.read(sandbox_.id))
        result_.execution.network = attempts_since(sandbox_.attempts, now->attempts);
    co_return std::move(result_);
}

asio::awaitable<void> SessionRun::control()
{
    std::function<bool()> has_begun = [this] { return link_.said_hello(); };
    PhaseEnd end = co_await program_.run(request_.limits.wall_ms, std::move(has_begun));
    const Result<void> concluded = conclude(end);
    if (!concluded) failure_ = concluded.error();
    program_.finish();
    link_.close();
}

Result<void> SessionRun::conclude(PhaseEnd end)
{
    if (left_) return Error(Errc::cancelled, "the program's streams were given up");
    if (const auto failure = program_.output_failure()) return *failure;
    const Outcome* claimed = link_.outcome(claim_);
    if (claimed != nullptr && std::holds_alternative<wire::Failure>(*claimed))
        return Error(Errc::permission_denied, "the sandbox's keeper refuses the token of its record");
    if (const Outcome* outcome = link_.outcome(program_.program())) {
        const auto* failure = std::get_if<wire::Failure>(outcome);
        if (failure != nullptr && background_ && background_->process) return attach_error(*failure);
        if (failure != nullptr) return program_.spawn_error(*failure);
        record_exit(std::get<wire::Exit>(*outcome), end, result_);
        return {};
    }
    if (link_.fault()) return *link_.fault();
    record_session_loss(store_, sandbox_.id, end, result_);
    return {};
}

bool SessionRun::signal(int number)
{
    if (!serving_ || program_.is_finished() || !link_.said_hello()) return false;
    program_.signal(number);
    return true;
}

void SessionRun::pass_signal(int number)
{
    if (serving_ && !program_.is_finished()) program_.pass_signal(number);
}

void SessionRun::leave()
{
    left_ = true;
    link_.close();
}

void SessionRun::resize(TerminalSize size)
{
    request_.terminal = size;
    program_.resize(size);
}

}  // namespace sbx
