#include "core/sandbox/reused_sandbox.hpp"

#include "core/net/attempts.hpp"
#include "core/sandbox/collect.hpp"
#include "core/sandbox/product.hpp"
#include "core/sandbox/sandbox_way.hpp"
#include "core/sandbox/short_hash.hpp"
#include "core/sandbox/spec_label.hpp"
#include "core/sandbox/start_failure.hpp"
#include "core/sandbox/sweep.hpp"
#include "core/with_timeout.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr auto patience_for_ending = 2s;
constexpr auto patience_for_removal = 10s;
constexpr auto stop_lease = 24h;

}  // namespace

std::string reuse_key(const RunRequest& request, const std::string& endpoint)
{
    const Limits& limits = request.limits;
    std::string all = fmt::format("{}\n{}\n{} {} {} {}\n{} {}\n", endpoint, request.image.id, limits.memory_bytes,
                                  limits.disk_bytes, limits.millicpus, limits.pids, static_cast<int>(request.network),
                                  static_cast<int>(request.isolation));
    for (const Mount& mount : request.libraries) all += fmt::format("{}\n", mount.volume);
    for (const EgressRule& rule : request.allow) all += fmt::format("{}:{}\n", rule.host, rule.port);
    for (const auto& [name, value] : request.labels)
        if (name.starts_with(user_label_prefix)) all += fmt::format("{}={}\n", name, value);
    return short_hash(all);
}

ReusedSandbox::ReusedSandbox(const asio::any_io_executor& executor, Engine& engine, const RunRequest& request)
    : engine_(engine),
      first_(request),
      link_(executor),
      egress_(link_, EgressList(request.allow), permitting(request.permit))
{
    first_.files.clear();  // it lives longer than they are needed
    first_.product.reset();
}

/// No interpreter is started ahead: at full load that costs more than a start does (docs/standby.md). And not one-shot
/// to the engine: where the agent can be reached without it, that is the shorter way.
Plan ReusedSandbox::plan(Mount agent) const
{
    Plan plan = plan_of(first_, std::move(agent));
    const auto end = std::chrono::system_clock::now() + longest_use + longest_run + 1h;
    plan.labels[expires_label] = fmt::format("{}", std::chrono::system_clock::to_time_t(end));
    plan.one_shot = false;
    plan.labels[spec_label] = spec_hash(plan);
    return plan;
}

asio::awaitable<Result<void>> ReusedSandbox::open(Mount agent)
{
    wire::Owner& owner = link_.owner();
    owner.hello();
    wire::Claim claim;
    claim.token = first_.execution_id;
    claim.one_shot = true;  // to the agent it is: it ends with this connection, and with each program all that it left
    owner.claim(claim);
    egress_.announce();
    Plan sandbox = plan(std::move(agent));
    Result<Launched> launched = co_await engine_.launch(std::move(sandbox), owner.take_outgoing());
    if (!launched) co_return launched.error();
    id_ = launched->id;
    life_ = std::move(launched->life);
    auto serving = [self = shared_from_this(), channel = std::move(launched->channel)]() mutable {
        return self->serve(std::move(channel));
    };
    asio::co_spawn(link_.changed().executor(), serving(), asio::detached);
    const Result<void> started = co_await life_->started();
    broken_ = !started;
    co_return started;
}

asio::awaitable<void> ReusedSandbox::serve(std::unique_ptr<Channel> channel)
{
    using namespace asio::experimental::awaitable_operators;
    const auto self = shared_from_this();
    co_await (link_.serve(std::move(channel)) && egress_.serve());
}

asio::awaitable<std::optional<Result<RunResult>>> ReusedSandbox::run(const RunRequest& request, ProgramIo& io)
{
    using namespace asio::experimental::awaitable_operators;
    const auto self = shared_from_this();
    Job job(link_, io, request);
    Result<Uploads> uploads = Uploads::open(request);
    if (!uploads) co_return uploads.error();
    job.uploads = std::move(*uploads);
    const Result<wire::StreamId> files = job.uploads.queue(link_.owner(), reset_);
    if (!files) broken_ = true;
    if (!files) co_return files.error();
    const std::vector<NetworkAttempt> attempts = egress_.attempts().all();
    Execution& execution = job.result.execution;
    execution.path = runs_ == 0 ? Path::cold : Path::session;
    execution.reused = runs_++ > 0;
    execution.start_time = std::chrono::system_clock::now();
    const Phase phase = request.compile.empty() ? Phase::run : Phase::compile;
    job.program.spawn(phase, phase == Phase::run ? request.command : request.compile, *files, request.fits_preload);
    link_.flush();
    broken_ = true;  // until it has come to its end
    std::function<bool()> holds = [&job] { return job.program.phase() != Phase::run; };
    co_await (feed(job) && job.program.move_streams(std::move(holds)) && control(job));
    broken_ = job.program.gave_up() || link_.is_over();
    if (job.ran_nothing) co_return std::nullopt;
    if (job.failure) co_return *job.failure;
    execution.end_time = std::chrono::system_clock::now();
    execution.network = attempts_since(attempts, egress_.attempts().all());
    co_return std::move(job.result);
}

asio::awaitable<void> ReusedSandbox::feed(Job& job)
{
    while (!job.program.is_finished() && !link_.is_over()) {
        const Result<bool> sent = job.uploads.feed(link_.owner());
        if (!sent) {
            job.failure = sent.error();
            link_.close();
            co_return;
        }
        link_.flush();
        if (*sent) co_return;
        co_await link_.changed().wait(std::nullopt);
    }
}

asio::awaitable<void> ReusedSandbox::control(Job& job)
{
    Result<void> done = co_await run_phases(job);
    job.ran_nothing = was_reset_in_vain();
    if (done && !link_.is_over())
        done = co_await collect_files(link_, job.request, job.uploads.work_files(), job.result);
    if (!done) job.failure = job.failure.value_or(done.error());
    if (done) co_await egress_.drain();
    job.program.finish();
    if (link_.is_over()) co_return;
    reset_ = link_.owner().reset(wire::Reset());
    link_.flush();
}

asio::awaitable<Result<void>> ReusedSandbox::run_phases(Job& job)
{
    if (job.program.phase() == Phase::compile) {
        const Result<void> compiled = co_await run_phase(job, job.request.compile_timeout);
        if (!compiled || job.result.execution.exit_code != 0) co_return compiled;
        co_await hand_out_product(job);
        job.program.spawn(Phase::run, job.request.command, 0, false);
        link_.flush();
    }
    co_return co_await run_phase(job, job.request.limits.wall_ms);
}

asio::awaitable<Result<void>> ReusedSandbox::run_phase(Job& job, std::optional<std::chrono::milliseconds> limit)
{
    std::function<bool()> has_begun = [this, &job] {
        const bool is_clean = reset_ == 0 || link_.outcome(reset_) != nullptr;
        return link_.said_hello() && is_clean && job.uploads.are_over(link_);
    };
    PhaseEnd end = co_await job.program.run(limit, std::move(has_begun));
    co_return co_await conclude(job, end);
}

asio::awaitable<Result<void>> ReusedSandbox::conclude(Job& job, PhaseEnd end)
{
    if (const Outcome* outcome = link_.outcome(job.program.program())) {
        const auto* failure = std::get_if<wire::Failure>(outcome);
        if (failure == nullptr) record_exit(std::get<wire::Exit>(*outcome), end, job.result);
        if (failure == nullptr) co_return Result<void>();
        const wire::Failure* cause =
            failure->code == wire::FailureCode::cancelled ? job.uploads.failure(link_) : nullptr;
        co_return cause ? wire::to_error(*cause) : job.program.spawn_error(*failure);
    }
    if (job.failure) co_return *job.failure;
    if (link_.fault()) co_return *link_.fault();
    std::optional<Ending> known;
    const Result<Ending> ending = co_await with_timeout(life_->ended(), patience_for_ending);
    if (ending) known = *ending;
    if (known && !link_.said_hello() && !known->oom && !known->killed)
        co_return start_failure(*known, job.request.image_name, job.request.image.architecture);
    record_lost(known, end, job.result);
    co_return Result<void>();
}

asio::awaitable<void> ReusedSandbox::hand_out_product(Job& job)
{
    std::string name = job.request.keep_product ? product_name(job.request.compile) : std::string();
    if (name.empty()) co_return;
    Result<std::string> product = co_await fetch_product(link_, std::move(name));
    if (product) job.io.on_product(std::move(*product));
}

/// Then the program was never started, and another sandbox may be tried.
bool ReusedSandbox::was_reset_in_vain() const
{
    if (reset_ == 0) return false;
    const Outcome* outcome = link_.outcome(reset_);
    return outcome == nullptr || std::holds_alternative<wire::Failure>(*outcome);
}

asio::awaitable<void> ReusedSandbox::close()
{
    const auto self = shared_from_this();
    broken_ = true;
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    link_.close();
    if (!id_.empty()) {
        const Result<void> removed = co_await with_timeout(engine_.remove(id_), patience_for_removal);
    }
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
}

void ReusedSandbox::stopping()
{
    link_.owner().stop(stop_lease);
    link_.flush();
}

void ReusedSandbox::continued()
{
    link_.owner().cont();
    link_.flush();
}

}  // namespace sbx
