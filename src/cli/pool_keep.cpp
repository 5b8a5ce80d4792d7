#include "cli/pool_keep.hpp"

#include "cli/interrupt.hpp"

#include <unistd.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto look_at_store = 200ms;  // a few directory entries: no event of a file system is as portable
constexpr auto look_at_engine = 10s;   // for those that something else has ended
constexpr std::chrono::milliseconds longest_lead = 60s;
constexpr std::chrono::milliseconds first_backoff = 1s;
constexpr std::chrono::milliseconds longest_backoff = 30s;

}  // namespace

PoolKeep::PoolKeep(Context& context, StandbyOrder order, StandbyStore store, bool drains)
    : context_(context), order_(std::move(order)), store_(std::move(store)), drains_(drains), woken_(io_.get_executor())
{
}

void PoolKeep::run(const Settings& settings)
{
    Result<OpenEngine> open = open_engine(io_.get_executor(), context_, settings, false);
    if (!open) return context_.report(open.error());
    open_ = std::move(*open);
    asio::co_spawn(io_, keep(), asio::detached);
    io_.run();
    if (signal_ != 0 && context_.exit_code == 0) context_.exit_code = 128 + signal_;
}

asio::awaitable<void> PoolKeep::keep()
{
    Interrupt interrupt(io_.get_executor(), [&interrupt, this] {
        signal_ = interrupt.signal();
        stops_ = true;
        stop_choosing_.emit(asio::cancellation_type::terminal);
        woken_.notify_all();
    });
    co_await keep_filled();
    if (drains_) {
        const Result<void> drained = co_await drain();
        if (!drained) context_.say(drained.error());
        if (!drained) context_.exit_code = command_exit_code(drained.error().code);
    }
    io_.stop();  // kept-alive connections have nothing more to say
}

asio::awaitable<void> PoolKeep::keep_filled()
{
    while (!stops_) {
        const Result<void> filled = co_await fill();
        if (filled) {
            if (std::exchange(backoff_, std::nullopt))
                context_.say(fmt::format("{}: the pool is filled again", context_.program));
            if (!std::exchange(has_filled_, true)) announce();
            co_await await_change();
        } else if (stops_) {
            co_return;
        } else if (has_filled_) {
            co_await retry_later(filled.error());
        } else {
            co_return context_.report(filled.error());
        }
    }
}

asio::awaitable<Result<StandbyOrder>> PoolKeep::choose()
{
    Result<StandbyOrder> order = Error(Errc::cancelled, "interrupted");
    try {
        order = co_await asio::co_spawn(io_, with_image(open_, order_, ProgressSink()),
                                        asio::bind_cancellation_slot(stop_choosing_.slot(), asio::use_awaitable));
    } catch (const boost::system::system_error& cancelled) {
        if (!stops_) throw;
    }
    co_return order;
}

asio::awaitable<Result<void>> PoolKeep::fill()
{
    Result<StandbyOrder> order = co_await choose();
    if (!order) co_return order.error();
    if (order_.image.preference.pull == PullPolicy::always)
        order_.image.preference.pull = PullPolicy::missing;  // it is new now
    order_.install.upgrade = false;
    const Result<std::string> key = key_of(open_, *order);
    if (!key) co_return key.error();
    key_ = *key;
    const Result<std::vector<Standby>> there = co_await living();
    if (!there) co_return there.error();
    const std::uint32_t ready = waiting(*there);
    if (ready >= order_.count || stops_) co_return Result<void>();
    order->count = order_.count - ready;
    const std::filesystem::path cache = directories(context_.environment, ::getuid()).cache;
    const Result<std::vector<Standby>> started = co_await start_standbys(open_, std::move(*order), store_, cache);
    if (!started) co_return started.error();
    started_.insert(started_.end(), started->begin(), started->end());
    co_return Result<void>();
}

/// Those that wait. One that no longer runs is forgotten: a run would try it in vain.
asio::awaitable<Result<std::vector<Standby>>> PoolKeep::living()
{
    const std::string label = fmt::format("{}={}", standby_label, key_);
    const std::vector<Standby> known = store_.list();  // before the engine is asked: what comes meanwhile lives
    const Result<std::vector<SandboxInfo>> sandboxes = co_await open_.engine->list(label);
    if (!sandboxes) co_return sandboxes.error();
    std::vector<Standby> living;
    for (const Standby& standby : known) {
        const auto found = std::ranges::find(*sandboxes, standby.id, &SandboxInfo::id);
        if (found != sandboxes->end() && found->state == "running")
            living.push_back(standby);
        else if (standby.key == key_)
            store_.claim(standby);
    }
    co_return living;
}

/// Whether it waits long enough for its successor to be made when its time has nearly come.
bool PoolKeep::lasts(const Standby& standby) const
{
    return standby.expires - std::chrono::system_clock::now() > std::min(longest_lead, order_.life / 4);
}

std::uint32_t PoolKeep::waiting(const std::vector<Standby>& among) const
{
    return static_cast<std::uint32_t>(
        std::ranges::count_if(among, [this](const Standby& standby) { return standby.key == key_ && lasts(standby); }));
}

/// Returns when one is missing, or after a while.
asio::awaitable<void> PoolKeep::await_change()
{
    const auto end = Clock::now() + look_at_engine;
    while (!stops_ && Clock::now() < end && waiting(store_.list()) >= order_.count)
        co_await woken_.wait(Clock::now() + look_at_store);
}

asio::awaitable<void> PoolKeep::retry_later(const Error& error)
{
    if (!backoff_) context_.say(fmt::format("{}: {}; trying again", context_.program, error.message));
    const auto pause = backoff_.value_or(first_backoff);
    backoff_ = std::min(pause * 2, longest_backoff);
    const auto end = Clock::now() + pause;
    while (!stops_ && Clock::now() < end) co_await woken_.wait(end);
}

/// Of those that it started, as far as nobody has used them.
asio::awaitable<Result<void>> PoolKeep::drain()
{
    for (const Standby& standby : started_) {
        if (!store_.claim(standby)) continue;
        const Result<void> removed = co_await open_.engine->remove(standby.id);
        if (!removed) co_return removed;
    }
    co_return Result<void>();
}

void PoolKeep::announce()
{
    const std::string language(order_.language->name);
    if (!context_.json)
        return context_.say(fmt::format("{}: {} for {} wait at any time", context_.program, order_.count, language));
    context_.print_json({{"language", language}, {"count", order_.count}, {"started", started_.size()}});
    std::fflush(context_.out);
}

}  // namespace sbx::cli
