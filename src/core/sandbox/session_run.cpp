#include "core/sandbox/session_run.hpp"

#include "core/net/attempts.hpp"
#include "core/sandbox/session_loss.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace sbx {

SessionRun::SessionRun(const asio::any_io_executor& executor, ProgramIo& io, const SandboxStore& store,
                       SandboxRecord sandbox, RunRequest request)
    : store_(store),
      sandbox_(std::move(sandbox)),
      request_(std::move(request)),
      link_(executor, AgentLink::Upkeep::pings),
      program_(link_, io, request_, result_, ProgramSession::Reach::program)
{
}

asio::awaitable<Result<RunResult>> SessionRun::execute(std::unique_ptr<Channel> keeper)
{
    using namespace asio::experimental::awaitable_operators;
    link_.owner().hello();
    wire::Claim claim;
    claim.token = sandbox_.token;
    claim_ = link_.owner().claim(claim);
    program_.spawn(Phase::run, request_.command, 0, false);
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
    if (const auto failure = program_.output_failure()) return *failure;
    const Outcome* claimed = link_.outcome(claim_);
    if (claimed != nullptr && std::holds_alternative<wire::Failure>(*claimed))
        return Error(Errc::permission_denied, "the sandbox's keeper refuses the token of its record");
    if (const Outcome* outcome = link_.outcome(program_.program())) {
        if (const auto* failure = std::get_if<wire::Failure>(outcome)) return program_.spawn_error(*failure);
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

void SessionRun::resize(TerminalSize size)
{
    request_.terminal = size;
    program_.resize(size);
}

}  // namespace sbx
