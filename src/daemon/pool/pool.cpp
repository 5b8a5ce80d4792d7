#include "daemon/pool/pool.hpp"

#include "core/sandbox/agent_volume.hpp"

#include <algorithm>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto short_run = 30ms;
constexpr auto look_again = 5s;
constexpr auto pause_after_failure = 5s;

}  // namespace

Pool::Pool(const asio::any_io_executor& executor, Engine& engine, std::string endpoint, std::filesystem::path cache,
           std::string instance, PoolBounds bounds)
    : engine_(engine),
      endpoint_(std::move(endpoint)),
      cache_(std::move(cache)),
      instance_(std::move(instance)),
      bounds_(bounds),
      changed_(executor)
{
}

Pool::Shelf& Pool::shelf_of(const RunRequest& run, const std::string& description)
{
    const wire::AgentImage* agent = wire::agent_image(run.image.architecture);
    StandbySpec spec = standby_spec(run, endpoint_, *agent);
    spec.instance = instance_;
    Shelf& shelf = shelves_[standby_key(spec)];
    shelf.kind.description = description;
    shelf.kind.image = run.image_name;
    shelf.spec = std::move(spec);
    shelf.architecture = run.image.architecture;
    return shelf;
}

void Pool::expect(const RunRequest& run, const std::string& description)
{
    if (closed_ || bounds_.most == 0 || wire::agent_image(run.image.architecture) == nullptr) return;
    Shelf& shelf = shelf_of(run, description);
    shelf.asked = Clock::now();
    shelf.kind.wanted = std::max<std::size_t>(shelf.kind.wanted, 1);
}

void Pool::warm(const RunRequest& run, const std::string& description, std::size_t least)
{
    if (closed_ || wire::agent_image(run.image.architecture) == nullptr) return;
    Shelf& shelf = shelf_of(run, description);
    shelf.least = least;
    shelf.kind.wanted = std::max(shelf.kind.wanted, least);
    changed_.notify_all();
}

/// Demand that finds none doubles what is kept.
std::optional<ClaimedStandby> Pool::claim(const std::string& key)
{
    const auto at = shelves_.find(key);
    if (at == shelves_.end() || closed_) return std::nullopt;
    Shelf& shelf = at->second;
    changed_.notify_all();
    claimed_ = Clock::now();
    while (!shelf.standbys.empty()) {
        Waiting waiting = std::move(shelf.standbys.front());
        shelf.standbys.pop_front();
        if (is_claimable(waiting.standby)) {
            ++shelf.kind.claimed;
            ++claims_[shelf.kind.description].claimed;
            return ClaimedStandby{std::move(waiting.standby.id), std::move(waiting.attached)};
        }
        discarded_.push_back(waiting.standby.id);
    }
    ++shelf.kind.missed;
    ++claims_[shelf.kind.description].missed;
    shelf.kind.wanted = std::min(shelf.kind.wanted * 2, bounds_.most_of_a_kind);
    return std::nullopt;
}

std::size_t Pool::ready() const
{
    std::size_t all = 0;
    for (const auto& [key, shelf] : shelves_) all += shelf.standbys.size();
    return all;
}

std::vector<Pool::Kind> Pool::kinds() const
{
    std::vector<Kind> all;
    for (const auto& [key, shelf] : shelves_) {
        all.push_back(shelf.kind);
        all.back().ready = shelf.standbys.size();
    }
    return all;
}

/// The emptiest first. What failed is left alone for a while.
Pool::Shelf* Pool::next_to_fill()
{
    Shelf* best = nullptr;
    for (auto& [key, shelf] : shelves_) {
        if (shelf.standbys.size() >= shelf.kind.wanted) continue;
        if (shelf.failed != Clock::time_point::min() && Clock::now() - shelf.failed < pause_after_failure) continue;
        const bool is_promised = shelf.standbys.size() < shelf.least;  // whatever other kinds take up
        if (!is_promised && ready() >= bounds_.most) continue;
        if (best == nullptr || shelf.standbys.size() < best->standbys.size()) best = &shelf;
    }
    return best;
}

/// Starting one takes about as much of the machine as a short run: as long as there are others, runs come first.
bool Pool::may_fill(const Shelf& shelf) const
{
    return shelf.standbys.empty() || Clock::now() >= claimed_ + short_run;
}

void Pool::forget_unasked()
{
    for (auto at = shelves_.begin(); at != shelves_.end();) {
        Shelf& shelf = at->second;
        if (Clock::now() - shelf.asked < bounds_.forget) {
            ++at;
            continue;
        }
        shelf.kind.wanted = shelf.least;
        while (shelf.standbys.size() > shelf.least) {
            discarded_.push_back(shelf.standbys.back().standby.id);
            shelf.standbys.pop_back();
        }
        at = shelf.least == 0 ? shelves_.erase(at) : std::next(at);
    }
}

asio::awaitable<void> Pool::serve()
{
    serving_ = true;
    while (!closed_) {
        forget_unasked();
        while (!discarded_.empty()) {
            std::string id = std::move(discarded_.back());
            discarded_.pop_back();
            const Result<void> removed = co_await engine_.remove(std::move(id));
        }
        Shelf* const shelf = closed_ ? nullptr : next_to_fill();
        if (shelf != nullptr && may_fill(*shelf))
            co_await fill(standby_key(shelf->spec));
        else if (!closed_)
            co_await rest(shelf != nullptr);
    }
    serving_ = false;
    changed_.notify_all();
}

asio::awaitable<void> Pool::rest(bool has_work)
{
    Clock::time_point until = Clock::now() + look_again;
    if (has_work) until = claimed_ + short_run;
    co_await changed_.wait(until);
}

asio::awaitable<void> Pool::fill(std::string key)
{
    StandbySpec spec = shelves_[key].spec;
    std::string architecture = shelves_[key].architecture;
    Result<Waiting> started = co_await start(std::move(spec), std::move(architecture));
    const auto at = shelves_.find(key);
    if (at == shelves_.end() || !started) {
        if (started) discarded_.push_back(started->standby.id);
        if (at != shelves_.end()) at->second.failed = Clock::now();
        co_return;
    }
    at->second.failed = Clock::time_point::min();
    at->second.standbys.push_back(std::move(*started));
}

/// Starts one, and attaches to it ahead of its run.
asio::awaitable<Result<Pool::Waiting>> Pool::start(StandbySpec spec, std::string architecture)
{
    Result<Standby> standby = co_await start_one(std::move(spec), std::move(architecture));
    if (!standby) co_return standby.error();
    Result<Launched> attached = co_await engine_.adopt(standby->id, "");
    if (!attached) discarded_.push_back(standby->id);
    if (!attached) co_return attached.error();
    co_return Waiting{std::move(*standby), std::move(*attached)};
}

asio::awaitable<Result<Standby>> Pool::start_one(StandbySpec spec, std::string architecture)
{
    const wire::AgentImage& agent = *wire::agent_image(architecture);
    Result<Standby> standby = Error(Errc::internal, "never tried");
    for (const bool refill : {false, true}) {  // the volume may have lost its content since it was verified
        const Result<Mount> volume =
            co_await ensure_agent_volume(engine_, endpoint_, agent, spec.image, cache_, refill);
        if (!volume) co_return volume.error();
        standby = co_await start_standby(engine_, spec, *volume, bounds_.life);
        if (standby || !is_agent_missing(standby.error())) break;
    }
    co_return standby;
}

asio::awaitable<void> Pool::close()
{
    closed_ = true;
    changed_.notify_all();
    while (serving_) co_await changed_.wait(std::nullopt);
    for (auto& [key, shelf] : shelves_)
        for (const Waiting& waiting : shelf.standbys) discarded_.push_back(waiting.standby.id);
    shelves_.clear();
    while (!discarded_.empty()) {
        std::string id = std::move(discarded_.back());
        discarded_.pop_back();
        const Result<void> removed = co_await engine_.remove(std::move(id));
    }
}

}  // namespace sbx::daemon
