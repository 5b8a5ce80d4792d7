#pragma once

#include "core/on_thread.hpp"
#include "core/store/daemon_lock.hpp"
#include "core/store/store_file.hpp"
#include "core/store/store_health.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <concepts>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace sbx {

/// The thread that the store's database belongs to.
class StoreWorker {
   public:
    /// So many calls wait at most; a disk that hangs must not fill the memory.
    static constexpr std::size_t most_waiting = 10'000;

    StoreWorker(DaemonLock lock, Database database) : lock_(std::move(lock)), database_(std::move(database)) {}
    StoreWorker(const StoreWorker&) = delete;
    StoreWorker& operator=(const StoreWorker&) = delete;
    ~StoreWorker() { close(); }

    /// Does `work(database)` on the thread, as `run_on` does.
    /// @return what `work` returns, a Result
    /// @error unavailable  closed, or too many calls wait
    /// @error internal     `work` threw
    template <std::invocable<Database&> Work>
    boost::asio::awaitable<std::invoke_result_t<Work, Database&>> run(Work work);

    /// The same for what nobody waits for; a failure shows in `health` alone.
    void begin(std::function<Result<void>(Database&)> work);

    StoreHealth health() const { return health_.load(std::memory_order_relaxed); }

    /// Refuses what comes from now on, waits for what was begun, and closes the database.
    void close();

   private:
    /// Whether one more may wait.
    Result<void> enter();
    /// @return what a call comes to that must not throw
    template <class R, class Work>
    R attempt(Work& work);

    DaemonLock lock_;
    std::optional<Database> database_;
    std::atomic<StoreHealth> health_ = StoreHealth::good;
    std::atomic<std::size_t> waiting_ = 0;
    bool is_closed_ = false;
    boost::asio::thread_pool thread_{1};
};

template <std::invocable<Database&> Work>
boost::asio::awaitable<std::invoke_result_t<Work, Database&>> StoreWorker::run(Work work)
{
    using R = std::invoke_result_t<Work, Database&>;
    if (const Result<void> entered = enter(); !entered) co_return R(entered.error());
    auto attempted = [this, begun = std::move(work)]() mutable { return attempt<R>(begun); };
    co_return co_await run_on(thread_, std::move(attempted));
}

template <class R, class Work>
R StoreWorker::attempt(Work& work)
{
    const auto bound = [&] { return work(*database_); };
    R result = caught(bound);
    health_.store(database_->health(), std::memory_order_relaxed);
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return result;
}

}  // namespace sbx
