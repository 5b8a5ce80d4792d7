#include "core/sandbox/kernel_turn.hpp"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr auto turn_interval = 5ms;

}  // namespace

std::filesystem::path kernel_lock(const SandboxStore& store, const SandboxRecord& sandbox, const KernelPlace& place)
{
    return store.directory_of(sandbox.id) / fmt::format("kernel-{}-{}.lock", place.language, place.context);
}

asio::awaitable<std::optional<FileLock>> take_kernel_turn(std::filesystem::path lock,
                                                          std::optional<Condition::TimePoint> until)
{
    Condition pause(co_await asio::this_coro::executor);
    for (;;) {
        std::optional<FileLock> turn = FileLock::try_acquire(lock);
        const Condition::TimePoint now = std::chrono::steady_clock::now();
        if (turn || (until && now >= *until)) co_return turn;
        co_await pause.wait(now + turn_interval);
    }
}

}  // namespace sbx
