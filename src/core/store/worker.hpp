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
#include <vector>

namespace sbx {

/// The thread that the store's database belongs to.
class StoreWorker {
   public:
    /// So many calls wait at most; a disk that hangs must not fill the memory.
    static constexpr std::size_t most_waiting = 10'000;

    using Work = std::function<Result<void>(Database&)>;

    StoreWorker(DaemonLock lock, Database database) : lock_(std::move(lock)), database_(std::move(database)) {}
    StoreWorker(const StoreWorker&) = delete;
    StoreWorker& operator=(const StoreWorker&) = delete;
    ~StoreWorker() { close(); }

    /// Does `work(database)` on the thread, as `run_on` does.
    /// @return what `work` returns, a Result
    /// @error unavailable  closed, or too many calls wait
    /// @error internal     `work` threw
    template <std::invocable<Database&> Called>
    boost::asio::awaitable<std::invoke_result_t<Called, Database&>> run(Called work);

    /// The same for what nobody waits for; a failure shows in `health` alone.
    void begin(Work work);

    /// The same for what may wait, until `begin_waiting` or anything else that is begun here: then all that waits is
    /// done in one transaction.
    /// @param prepare  called then, on the caller's thread
    /// @return whether nothing else waited
    bool begin_later(std::function<Work()> prepare);
    void begin_waiting();

    StoreHealth health() const { return health_.load(std::memory_order_relaxed); }

    /// Refuses what comes from now on, waits for what was begun, and closes the database.
    void close();

   private:
    /// Whether so many more may wait.
    Result<void> enter(std::size_t count);
    void post(Work work, std::size_t count);
    /// @param count  that entered
    /// @return what a call comes to that must not throw
    template <class R, class Called>
    R attempt(Called& work, std::size_t count);

    DaemonLock lock_;
    std::optional<Database> database_;
    std::atomic<StoreHealth> health_ = StoreHealth::good;
    std::atomic<std::size_t> waiting_ = 0;
    std::vector<std::function<Work()>> later_;
    bool is_closed_ = false;
    boost::asio::thread_pool thread_{1};
};

template <std::invocable<Database&> Called>
boost::asio::awaitable<std::invoke_result_t<Called, Database&>> StoreWorker::run(Called work)
{
    using R = std::invoke_result_t<Called, Database&>;
    begin_waiting();
    if (const Result<void> entered = enter(1); !entered) co_return R(entered.error());
    auto attempted = [this, begun = std::move(work)]() mutable { return attempt<R>(begun, 1); };
    co_return co_await run_on(thread_, std::move(attempted));
}

template <class R, class Called>
R StoreWorker::attempt(Called& work, std::size_t count)
{
    const auto bound = [&] { return work(*database_); };
    R result = caught(bound);
    health_.store(database_->health(), std::memory_order_relaxed);
    waiting_.fetch_sub(count, std::memory_order_relaxed);
    return result;
}

}  // namespace sbx
