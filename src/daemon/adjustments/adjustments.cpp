#include "daemon/adjustments/adjustments.hpp"

#include "core/sandbox/sandbox_record.hpp"
#include "core/uuid.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int workers = 4;  // as many processors are told at a time, beside those whose clients wait

const std::optional<std::string> whoever;  // asked for it

/// While it lives, an attempt is under way.
class Busy {
   public:
    explicit Busy(bool& is_busy) : is_busy_(is_busy) { is_busy_ = true; }
    ~Busy() { is_busy_ = false; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

   private:
    bool& is_busy_;
};

}  // namespace

Adjustments::Adjustments(const asio::any_io_executor& executor, Store& store, EventLog& log, Backend backend,
                         AdjustmentBounds bounds)
    : executor_(executor),
      store_(store),
      log_(log),
      backend_(std::move(backend)),
      bounds_(std::move(bounds)),
      changed_(executor)
{
}

/// What an earlier daemon left comes before anything new.
asio::awaitable<Result<void>> Adjustments::load()
{
    if (loaded_) co_return Result<void>();
    const auto left = co_await store_.pending_adjustments();
    if (!left) co_return left.error();
    if (loaded_) co_return Result<void>();  // somebody else was faster
    loaded_ = true;
    for (const PendingAdjustment& each : *left) queue_of(each.processor).ids.push_back(each.id);
    for (auto& [processor, queue] : queues_) queue.next = Clock::now();
    changed_.notify_all();
    co_return Result<void>();
}

Adjustments::Queue& Adjustments::queue_of(const std::string& processor)
{
    const auto [at, is_new] = queues_.try_emplace(processor);
    if (is_new) at->second.pause = bounds_.first_pause;
    if (is_new) at->second.next = Clock::now() + bounds_.first_pause;
    return at->second;
}

std::size_t Adjustments::pending() const
{
    std::size_t count = 0;
    for (const auto& [processor, queue] : queues_) count += queue.ids.size();
    return count;
}

asio::awaitable<Result<StoredAdjustment>> Adjustments::find(std::string id, std::optional<std::string> owner)
{
    return store_.find_adjustment(std::move(id), std::move(owner));
}

asio::awaitable<Result<AdjustmentOutcome>> Adjustments::accept(AdjustmentOrder order)
{
    if (const auto loaded = co_await load(); !loaded) co_return loaded.error();
    const std::string id = new_uuid();
    StoredAdjustment stored;
    stored.id = id;
    stored.owner = std::move(order.owner);
    stored.processor = order.processor;
    stored.created = record_time();
    stored.body = adjustment_body(order.processor, order.adjustments, order.reason);
    const Result<void> added = co_await store_.add_adjustment(std::move(stored), bounds_.most_pending);
    if (!added) co_return added.error();
    queue_of(order.processor).ids.push_back(id);
    changed_.notify_all();
    co_return co_await first_attempts(id, std::move(order.processor));
}

asio::awaitable<Result<AdjustmentOutcome>> Adjustments::first_attempts(std::string id, std::string processor)
{
    AdjustmentOutcome outcome;
    for (const std::chrono::milliseconds pause : bounds_.pauses) {
        asio::steady_timer timer(executor_, pause);
        co_await timer.async_wait(asio::use_awaitable);
        const TimePoint until = Clock::now() + bounds_.attempt;
        if (!closed_) co_await see_delivered(processor, until);
        auto found = co_await store_.find_adjustment(id, whoever);
        if (!found) co_return found.error();
        outcome.adjustment = std::move(*found);
        if (outcome.adjustment.state != AdjustmentState::pending || closed_) break;
    }
    outcome.reason = outcome.adjustment.last_error;
    const auto at = queues_.find(processor);
    if (outcome.reason.empty() && at != queues_.end()) outcome.reason = at->second.last_error;  // it is behind others
    if (outcome.adjustment.state == AdjustmentState::pending)
        log_.write(LogLevel::warn, "adjustment_kept", {{"adjustment", id}, {"why", outcome.reason}});
    co_return outcome;
}

asio::awaitable<void> Adjustments::see_delivered(std::string processor, TimePoint until)
{
    const auto is_busy = [&] {
        const auto at = queues_.find(processor);
        return at != queues_.end() && at->second.is_busy;
    };
    if (!is_busy()) {
        co_await deliver(std::move(processor));
        co_return;
    }
    while (is_busy() && Clock::now() < until) co_await changed_.wait(until);
}

asio::awaitable<void> Adjustments::deliver(std::string processor)
{
    const auto at = queues_.find(processor);
    if (at == queues_.end()) co_return;
    Queue& queue = at->second;
    {
        const Busy busy(queue.is_busy);
        bool goes_on = true;
        while (goes_on && !closed_ && !queue.ids.empty()) {
            goes_on = co_await settle_first(queue);
            if (goes_on) queue.ids.pop_front();
        }
    }
    queue.next = std::max(queue.next, Clock::now() + bounds_.first_pause);
    if (queue.ids.empty()) queues_.erase(at);
    changed_.notify_all();
}

asio::awaitable<bool> Adjustments::settle_first(Queue& queue)
{
    std::string id = queue.ids.front();
    auto stored = co_await store_.find_adjustment(std::move(id), whoever);
    if (!stored) {
        queue.last_error = stored.error().message;
        co_return stored.error().code == Errc::not_found;  // a store that was begun anew
    }
    const Verdict verdict = co_await attempt(*stored);
    stored->state = verdict.state;
    stored->last_error = verdict.reason;
    if (verdict.status) stored->backend_status = *verdict.status;
    if (verdict.state != AdjustmentState::pending) stored->ended = record_time();
    queue.last_error = verdict.reason;
    const Result<void> updated = co_await store_.update_adjustment(*stored);
    if (!updated) log_.write(LogLevel::error, "store_failed", {{"why", updated.error().message}});
    if (updated) tell(*stored, verdict);
    co_return updated&& verdict.state != AdjustmentState::pending;
}

/// What is too old is attempted no more.
asio::awaitable<Verdict> Adjustments::attempt(StoredAdjustment& adjustment)
{
    if (record_time() - adjustment.created >= bounds_.age) {
        Verdict given_up;
        given_up.state = AdjustmentState::refused;
        given_up.reason = "it could not be delivered in time";
        if (!adjustment.last_error.empty()) given_up.reason += ": " + adjustment.last_error;
        co_return given_up;
    }
    ++adjustment.attempts;
    HttpCall call = adjustment_call(backend_, adjustment);
    const Result<HttpAnswer> answer = co_await http_call(resolver_, std::move(call), bounds_.attempt);
    co_return verdict_of(answer);
}

/// The backend's own words may be anything: they are not for the log.
void Adjustments::tell(const StoredAdjustment& adjustment, const Verdict& verdict)
{
    nlohmann::ordered_json fields{{"adjustment", adjustment.id}, {"attempts", adjustment.attempts}};
    if (adjustment.backend_status) fields["backend_status"] = *adjustment.backend_status;
    if (adjustment.state == AdjustmentState::delivered)
        log_.write(LogLevel::info, "adjustment_delivered", std::move(fields));
    else if (adjustment.state == AdjustmentState::refused && verdict.status)
        log_.write(LogLevel::warn, "adjustment_refused", std::move(fields));
    else if (adjustment.state == AdjustmentState::refused)
        log_.write(LogLevel::error, "adjustment_given_up", std::move(fields));
}

asio::awaitable<void> Adjustments::serve()
{
    for (int i = 1; i < workers; ++i) asio::co_spawn(executor_, work(), asio::detached);
    co_await work();
}

asio::awaitable<void> Adjustments::work()
{
    while (!closed_) {
        const Result<void> loaded = co_await load();
        const auto due = next_due();
        const TimePoint now = Clock::now();
        if (!loaded)
            co_await changed_.wait(now + bounds_.first_pause);
        else if (due == queues_.end())
            co_await changed_.wait(std::nullopt);
        else if (due->second.next > now)
            co_await changed_.wait(due->second.next);
        else
            co_await deliver_later(due->first);
    }
}

/// Whoever is away is asked less and less often.
asio::awaitable<void> Adjustments::deliver_later(std::string processor)
{
    co_await deliver(processor);
    const auto at = queues_.find(processor);
    if (at == queues_.end()) co_return;
    Queue& queue = at->second;
    queue.pause = std::min(2 * queue.pause, bounds_.longest_pause);
    queue.next = Clock::now() + queue.pause;
}

std::map<std::string, Adjustments::Queue>::iterator Adjustments::next_due()
{
    auto first = queues_.end();
    for (auto at = queues_.begin(); at != queues_.end(); ++at)
        if (!at->second.is_busy && (first == queues_.end() || at->second.next < first->second.next)) first = at;
    return first;
}

asio::awaitable<void> Adjustments::close()
{
    closed_ = true;
    changed_.notify_all();
    const auto is_busy = [](const auto& each) { return each.second.is_busy; };
    while (std::ranges::any_of(queues_, is_busy)) co_await changed_.wait(std::nullopt);
}

}  // namespace sbx::daemon
