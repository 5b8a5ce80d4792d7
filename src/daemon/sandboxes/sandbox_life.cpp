// What becomes of sandboxes: how they end, stand still, and pass to the next daemon.
#include "core/sandbox/sweep.hpp"
#include "core/whole_file.hpp"
#include "daemon/sandboxes/growing_volume.hpp"
#include "daemon/sandboxes/sandboxes.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/describe/enum_to_string.hpp>

#include <algorithm>
#include <set>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_adoption = 5s;  // that the first requests wait for
constexpr int most_removals = 10;      // of a volume
constexpr auto removal_interval = 300ms;

/// Of a container that ended by itself the engine takes a moment to let go. The next daemon has the last try.
asio::awaitable<void> remove_when_free(Engine& engine, std::string volume)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    Condition pause(executor);
    for (int tries = 0; tries < most_removals; ++tries) {
        const Result<void> removed = co_await engine.remove_volume(volume);
        if (removed || removed.error().code == Errc::not_found) co_return;
        co_await pause.wait(std::chrono::steady_clock::now() + removal_interval);
    }
}

}  // namespace

asio::awaitable<Result<void>> Sandboxes::remove(std::shared_ptr<Living> living)
{
    if (is_paused(*living)) {
        const Result<void> resumed = co_await resume(living);  // else nobody inside hears of its end
    }
    std::function<asio::awaitable<Result<void>>(AgentLink&)> work = [](AgentLink& link) {
        return end_sandbox(link, 0ms);
    };
    const Result<void> ended = co_await talk<void>(living, std::move(work));
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!living->over && std::chrono::steady_clock::now() < deadline) co_await living->changed.wait(deadline);
    if (living->over) co_return Result<void>();
    co_return ended;
}

asio::awaitable<void> Sandboxes::release(std::chrono::milliseconds life)
{
    const auto all = living_;
    for (const auto& [id, living] : all) {
        if (living->keeper == nullptr || is_paused(*living)) continue;
        co_await living->keeper->release(life);
        const auto deadline = std::chrono::steady_clock::now() + 1s;
        while (!living->over && std::chrono::steady_clock::now() < deadline) co_await living->changed.wait(deadline);
    }
}

asio::awaitable<void> Sandboxes::remove_all()
{
    const auto all = living_;
    for (const auto& [id, living] : all) {
        const Result<void> removed = co_await remove(living);
        const auto deadline = std::chrono::steady_clock::now() + 1s;
        while (removed && !living->buried && std::chrono::steady_clock::now() < deadline)
            co_await living->changed.wait(deadline);
    }
}

asio::awaitable<Result<void>> Sandboxes::extend(std::shared_ptr<Living> living, std::chrono::milliseconds life)
{
    if (life <= 0ms || life > bounds_.longest_life)
        co_return Error(Errc::invalid_argument, fmt::format("ttl_ms: from 1 to {}", bounds_.longest_life.count()));
    std::function<asio::awaitable<Result<void>>(AgentLink&)> work =
        [&](AgentLink& link) -> asio::awaitable<Result<void>> {
        link.owner().lease(life);
        link.flush();
        co_await link.drain();
        co_return Result<void>();
    };
    const auto before = living->now().deadline;
    const Result<void> said = co_await talk<void>(living, std::move(work));
    const auto until = std::chrono::steady_clock::now() + 2s;
    while (said && living->now().deadline == before && std::chrono::steady_clock::now() < until)
        co_await living->changed.wait(std::chrono::steady_clock::now() + 5ms);
    co_return said;
}

asio::awaitable<Result<void>> Sandboxes::pause(std::shared_ptr<Living> living)
{
    std::string container = living->now().container;
    const std::filesystem::path mark = pause_mark(store_, living->record);
    // The mark is there before the sandbox stands still, and as long as it does.
    if (const auto marked = write_whole_file(mark, "\n"); !marked) co_return marked;
    const Result<void> paused = co_await services_.engine.pause(std::move(container));
    std::error_code ignored;
    if (paused)
        publish("sandbox.paused", living->now());
    else
        std::filesystem::remove(mark, ignored);
    co_return paused;
}

asio::awaitable<Result<void>> Sandboxes::resume(std::shared_ptr<Living> living)
{
    std::string container = living->now().container;
    const Result<void> resumed = co_await services_.engine.resume(std::move(container));
    std::error_code ignored;
    if (resumed || resumed.error().code == Errc::conflict)
        std::filesystem::remove(pause_mark(store_, living->record), ignored);
    if (resumed) publish("sandbox.resumed", living->now());
    co_return resumed;
}

void Sandboxes::publish(std::string_view type, const SandboxRecord& record) const
{
    nlohmann::ordered_json what;
    what["id"] = record.id;
    if (!record.name.empty()) what["name"] = record.name;
    what["image"] = record.image_name;
    what["dialect"] = record.dialect;
    if (record.cause) what["cause"] = boost::describe::enum_to_string(*record.cause, "?");
    services_.events.publish(type, record.owner, what);
}

// ---- volumes that libraries come into

asio::awaitable<void> Sandboxes::remove_volume(SandboxRecord record)
{
    const Mount* own = growing_volume(record);
    if (own != nullptr) co_await remove_when_free(services_.engine, own->volume);
}

/// Those of sandboxes that ended without a daemon.
asio::awaitable<void> Sandboxes::remove_lost_volumes()
{
    const auto volumes = co_await services_.engine.volumes(fmt::format("{}={}", growing_label, services_.instance));
    if (!volumes) co_return;
    std::set<std::string> used;
    for (const auto& [id, living] : living_)
        if (const Mount* own = growing_volume(living->record)) used.insert(own->volume);
    for (const VolumeInfo& volume : *volumes) {
        if (used.contains(volume.name)) continue;
        co_await remove_when_free(services_.engine, volume.name);
    }
}

// ---- after a restart

asio::awaitable<Result<std::vector<std::string>>> Sandboxes::adopt()
{
    const Result<std::vector<SandboxInfo>> containers =
        co_await services_.engine.list(fmt::format("{}={}", instance_label, services_.instance));
    if (!containers) co_return containers.error();
    std::map<std::string, const SandboxInfo*> running;
    for (const SandboxInfo& container : *containers)
        if (container.state == "running" || container.state == "paused") running[container.id] = &container;
    for (const SandboxRecord& record : store_.list()) {
        const bool is_ours = record.instance == services_.instance && !record.cause;
        if (!is_ours || living_.contains(record.id)) continue;
        const auto at = running.find(record.container);
        if (at == running.end()) {
            auto gone = std::make_shared<Living>(executor_);
            gone->record = record;
            gone->record.cause = record.deadline <= record_time() ? Cause::ttl : Cause::lost;
            gone->record.ended = std::min(record.deadline, record_time());
            const Result<void> written = store_.write(gone->record);
            asio::co_spawn(executor_, bury(std::move(gone)), asio::detached);
            continue;
        }
        keep(record);
        running.erase(at);
    }
    adopted_ = true;
    const auto deadline = std::chrono::steady_clock::now() + longest_adoption;
    const auto kept = living_;
    for (const auto& [id, living] : kept)
        while (!living->ready && !living->over && std::chrono::steady_clock::now() < deadline)
            co_await living->changed.wait(deadline);
    std::vector<std::string> left;
    for (const SandboxInfo& container : *containers) {
        const bool known = std::ranges::any_of(
            living_, [&](const auto& entry) { return entry.second->record.container == container.id; });
        if (!known) left.push_back(container.id);
    }
    asio::co_spawn(executor_, remove_lost_volumes(), asio::detached);  // once what is left lets go of them
    co_return left;
}

}  // namespace sbx::daemon
