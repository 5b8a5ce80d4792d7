#include "core/sandbox/keeper.hpp"

#include "core/sandbox/detached.hpp"
#include "core/sandbox/exit_record.hpp"
#include "core/sandbox/spec_label.hpp"
#include "core/sandbox/start_failure.hpp"
#include "core/sandbox/sweep.hpp"
#include "core/with_timeout.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr auto lease_margin = 10s;  // the keeper ends the sandbox first, and says why
constexpr auto hard_end = 24h;      // from its creation, whatever it was extended to
constexpr auto look_again = 100ms;  // whether programs that were asked to end have ended
constexpr auto patience_for_ending = 5s;

EgressList list_of(const SandboxRecord& record)
{
    EgressList list;
    for (const std::string& text : record.allow)
        if (const auto rules = parse_egress_rule("allow", text)) (void)list.add(*rules);
    return list;
}

}  // namespace

Keeper::Keeper(const asio::any_io_executor& executor, Engine& engine, const SandboxStore& store, SandboxRecord record,
               Mount agent)
    : executor_(executor),
      engine_(engine),
      store_(store),
      record_(std::move(record)),
      agent_(std::move(agent)),
      link_(executor, AgentLink::Upkeep::watch),
      egress_(link_, list_of(record_), permitting(record_.permit), record_.attempts)
{
}

Plan Keeper::plan() const
{
    Plan plan;
    plan.name = "sbx-" + record_.id;
    plan.image = record_.image;
    plan.limits = record_.limits;
    plan.mounts.push_back(agent_);
    plan.mounts.insert(plan.mounts.end(), record_.libraries.begin(), record_.libraries.end());
    for (const auto& [key, value] : record_.labels) plan.labels[user_label_prefix + key] = value;
    plan.labels[instance_label] = record_.instance;
    plan.labels[sandbox_label] = record_.id;
    if (!record_.name.empty()) plan.labels[name_label] = record_.name;
    const auto expires = std::chrono::duration_cast<std::chrono::seconds>(record_.created + hard_end);
    plan.labels[expires_label] = std::to_string(expires.count());
    plan.network = record_.network;
    plan.one_shot = false;
    plan.labels[spec_label] = spec_hash(plan);
    return plan;
}

/// Listens, and queues what the agent needs to know us.
Result<wire::StreamId> Keeper::open()
{
    Result<LocalAcceptor> acceptor = listen_at(executor_, store_.socket_of(record_.id));
    if (!acceptor) return acceptor.error();
    acceptor_.emplace(std::move(*acceptor));
    link_.owner().hello();
    wire::Claim claim;
    claim.token = record_.token;
    claim.lease_ms = static_cast<std::uint64_t>((left() + lease_margin).count());
    const wire::StreamId stream = link_.owner().claim(claim);
    egress_.announce();
    return stream;
}

asio::awaitable<Result<void>> Keeper::launch(std::function<bool()> ready)
{
    const Result<wire::StreamId> claim = open();
    if (!claim) co_return claim.error();
    Plan sandbox = plan();
    Result<Launched> launched = co_await engine_.launch(std::move(sandbox), link_.owner().take_outgoing());
    if (!launched) co_return launched.error();
    record_.container = launched->id;
    life_ = std::move(launched->life);
    co_return co_await keep(std::move(launched->channel), *claim, std::move(ready));
}

asio::awaitable<Result<void>> Keeper::take_over(std::function<bool()> ready)
{
    const Result<wire::StreamId> claim = open();
    if (!claim) co_return claim.error();
    Result<std::unique_ptr<Channel>> channel = co_await engine_.bridge(record_.container);
    if (!channel) co_return channel.error();
    co_return co_await keep(std::move(*channel), *claim, std::move(ready));
}

asio::awaitable<Result<void>> Keeper::keep(std::unique_ptr<Channel> channel, wire::StreamId claim,
                                           std::function<bool()> ready)
{
    using namespace asio::experimental::awaitable_operators;
    co_await (link_.serve(std::move(channel)) && watch_start() && greet(claim, std::move(ready)) && accept() &&
              watch_life() && watch_silence() && egress_.serve() && write_attempts());
    if (failure_) co_return *failure_;
    co_return Result<void>();
}

asio::awaitable<void> Keeper::watch_start()
{
    if (!life_) co_return;
    const Result<void> started = co_await life_->started();
    if (started || is_ready_) co_return;
    failure_ = failure_.value_or(started.error());
    link_.close();
}

asio::awaitable<void> Keeper::greet(wire::StreamId claim, std::function<bool()> ready)
{
    const Result<Outcome> claimed = co_await link_.finish(claim);
    const bool granted = claimed && std::holds_alternative<wire::Reply>(*claimed);
    if (!granted || cause_) {  // what is over by now was concluded as one that never was
        Error seen = claimed ? Error(Errc::internal, "the agent refused its first owner") : claimed.error();
        if (granted) seen = Error(Errc::cancelled, "it was ended before it had begun");
        if (cause_ == Cause::ttl) seen = Error(Errc::deadline_exceeded, "its time was over before it had begun");
        if (!cause_ && !failure_ && !link_.said_hello()) seen = co_await explain_silence(std::move(seen));
        failure_ = failure_.value_or(std::move(seen));
        link_.close();
        co_return;
    }
    last_used_ = Clock::now();
    is_ready_ = static_cast<bool>(store_.write(record_)) && ready();
    if (!is_ready_) end(Cause::killed);
}

/// The engine may know why a sandbox ended whose agent never spoke.
asio::awaitable<Error> Keeper::explain_silence(Error seen)
{
    if (!life_) co_return seen;
    const Result<Ending> ended = co_await with_timeout(life_->ended(), patience_for_ending);
    if (!ended || ended->oom || ended->killed) co_return seen;
    co_return start_failure(*ended, record_.image_name, record_.architecture);
}

std::chrono::milliseconds Keeper::left() const
{
    return std::max(record_.deadline - record_time(), std::chrono::milliseconds(0));
}

std::optional<Keeper::Clock::time_point> Keeper::idle_end() const
{
    if (!record_.idle || !is_ready_ || !clients_.empty() || guests_ > 0) return std::nullopt;
    return last_used_ + *record_.idle;
}

asio::awaitable<bool> Keeper::has_background()
{
    const Result<std::vector<wire::ProcessInfo>> processes = co_await list_processes(link_);
    co_return processes&& std::ranges::any_of(*processes, &wire::ProcessInfo::running);
}

/// Ends the sandbox when its time has come, and this keeper with it.
asio::awaitable<void> Keeper::watch_life()
{
    while (!cause_ && !link_.is_over()) {
        const auto now = Clock::now();
        auto next = now + left();
        const auto idle = idle_end();
        if (stops_) {
            bool busy = is_busy();
            if (!busy) busy = co_await has_background();
            if (now >= next || !busy) end(Cause::stopped);
            next = std::min(next, now + look_again);
        }
        if (now >= next) end(Cause::ttl);
        if (idle && now >= *idle) end(Cause::idle);
        if (idle) next = std::min(next, *idle);
        if (!cause_) co_await link_.life().wait(next);
    }
    co_await conclude();
}

/// Gives an agent up that is silent without being frozen by the engine.
asio::awaitable<void> Keeper::watch_silence()
{
    auto seen_paused = Clock::time_point::min();
    while (!cause_ && !link_.is_over()) {
        co_await link_.life().wait(std::nullopt);  // every ping notifies
        const auto since = link_.unanswered_since();
        const auto now = Clock::now();
        if (!is_ready_ || !since || now - std::max(*since, seen_paused) < longest_silence) continue;
        const bool lives = co_await is_paused();
        seen_paused = now;
        if (lives) continue;
        end(Cause::lost);
        link_.close();
    }
}

/// Of an engine that does not answer either, the worst is not assumed.
asio::awaitable<bool> Keeper::is_paused()
{
    const Result<std::vector<SandboxInfo>> listed =
        co_await engine_.list(fmt::format("{}={}", sandbox_label, record_.id));
    if (!listed) co_return true;
    co_return std::ranges::any_of(*listed, [](const SandboxInfo& info) { return info.state == "paused"; });
}

void Keeper::live_for(std::chrono::milliseconds length, bool asked)
{
    stops_ = stops_ || asked;
    record_.deadline = std::min(record_time() + length, record_.created + hard_end);
    const Result<void> written = store_.write(record_);
    link_.owner().lease(left() + lease_margin);
    link_.flush();
    link_.life().notify_all();
}

void Keeper::end_now(bool asked)
{
    end(asked ? Cause::stopped : Cause::killed);
}

void Keeper::end(Cause cause)
{
    if (!cause_) cause_ = cause;
    link_.changed().notify_all();
    link_.life().notify_all();
}

asio::awaitable<void> Keeper::release(std::chrono::milliseconds life)
{
    if (cause_ || !is_ready_) co_return;
    released_ = true;
    link_.owner().lease(std::min(left(), life) + lease_margin);
    link_.flush();
    co_await link_.drain();
    link_.close();
}

asio::awaitable<Result<Ending>> Keeper::ending()
{
    Result<Ending> ended = Error(Errc::unavailable, "nobody waited for it from its start");
    if (life_) ended = co_await life_->ended();
    // A connection to the engine may break without the sandbox's end.
    if (!ended) ended = co_await engine_.wait(record_.container);
    co_return ended;
}

/// @return nothing when only the stream is lost, and the sandbox lives on: another keeper can take it over
asio::awaitable<std::optional<Cause>> Keeper::find_cause()
{
    if (released_) co_return std::nullopt;
    if (cause_) co_return cause_;
    if (stops_) co_return Cause::stopped;
    if (link_.fault() || (life_ && !is_ready_)) co_return Cause::lost;
    const Result<Ending> ended = co_await with_timeout(ending(), patience_for_ending);
    if (!ended && !life_) co_return std::nullopt;
    if (ended && ended->oom) co_return Cause::oom;
    if (ended && (ended->killed || ended->exit_code == killed_exit)) co_return Cause::killed;
    co_return Cause::lost;
}

asio::awaitable<Result<void>> Keeper::shut_down()
{
    link_.owner().shutdown();
    link_.flush();
    while (!link_.is_over()) co_await link_.life().wait(std::nullopt);
    co_return Result<void>();
}

/// Whoever is connected learns of the end by the end of his connection, and of its cause by the record.
asio::awaitable<void> Keeper::conclude()
{
    const std::optional<Cause> cause = co_await find_cause();
    const bool is_known = is_ready_ || !life_;  // else whoever made it hears of its failure instead
    if (cause && is_known) {
        remember_attempts();
        record_.cause = cause;
        record_.ended = record_time();
        const Result<void> written = store_.write(record_);
    }
    if (cause) {
        const Result<void> removed = co_await engine_.remove(record_.container);
        // An agent that does not listen either ends with its lease.
        if (!removed) (void)co_await with_timeout(shut_down(), patience_for_ending);
    }
    link_.close();
    boost::system::error_code ignored;
    acceptor_->close(ignored);
    close_clients();
    link_.flush();
    while (!clients_.empty() || guests_ > 0) co_await link_.changed().wait(std::nullopt);
}

}  // namespace sbx
