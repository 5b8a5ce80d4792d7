#include "core/libraries/removal.hpp"

#include <chrono>
#include <map>

namespace sbx {
namespace {

using namespace std::chrono_literals;

/// A run that has found its set makes its sandbox meanwhile, and only then the engine knows of it.
constexpr auto until_sandbox_is_made = 1min;

bool is_in_use(const LibraryStore& store, const LibrarySet& set)
{
    return std::chrono::system_clock::now() - store.last_used(set) < until_sandbox_is_made;
}

}  // namespace

asio::awaitable<Result<bool>> remove_set(Engine& engine, LibraryStore store, LibrarySet set)
{
    const Result<void> removed = co_await engine.remove_volume(set.volume);
    const Errc code = removed ? Errc::not_found : removed.error().code;
    if (code == Errc::conflict) co_return false;
    if (code != Errc::not_found) co_return removed.error();
    store.forget(set);
    co_return true;
}

asio::awaitable<void> make_room(Engine& engine, LibraryStore store, std::uint64_t most_bytes)
{
    std::multimap<std::chrono::system_clock::time_point, LibrarySet> by_last_use;
    std::uint64_t bytes = 0;
    for (LibrarySet& set : store.list()) {
        bytes += set.bytes;
        by_last_use.emplace(store.last_used(set), std::move(set));
    }
    for (const auto& [last_use, set] : by_last_use) {
        if (bytes <= most_bytes) break;
        if (is_in_use(store, set)) continue;
        const Result<bool> gone = co_await remove_set(engine, store, set);
        if (!gone) break;  // the next install tries again
        if (*gone) bytes -= set.bytes;
    }
}

}  // namespace sbx
