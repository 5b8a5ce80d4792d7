#pragma once

#include "core/store/daemon_lock.hpp"
#include "core/store/store_file.hpp"
#include "core/store/store_health.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

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

    /// Does `work(database)` on the thread; the result comes back on the caller's executor. The coroutine itself stays
    /// there: its cancellation must not meet it on another thread.
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
    namespace asio = boost::asio;
    using R = std::invoke_result_t<Work, Database&>;
    auto start = [this](auto handler, Work begun) {
        auto back = asio::get_associated_executor(handler);
        if (const Result<void> entered = enter(); !entered) {
            auto refuse = [told = std::move(handler), error = entered.error()]() mutable { told(R(error)); };
            return asio::post(back, std::move(refuse));
        }
        auto guard = asio::make_work_guard(back);
        asio::post(
            thread_, [this, told = std::move(handler), begun = std::move(begun), guard = std::move(guard)]() mutable {
                auto tell = [told = std::move(told), result = attempt<R>(begun)]() mutable { told(std::move(result)); };
                asio::post(guard.get_executor(), std::move(tell));
            });
    };
    asio::use_awaitable_t<> token;
    return asio::async_initiate<const asio::use_awaitable_t<>, void(R)>(std::move(start), token, std::move(work));
}

template <class R, class Work>
R StoreWorker::attempt(Work& work)
{
    const auto after = [this] {
        health_.store(database_->health(), std::memory_order_relaxed);
        waiting_.fetch_sub(1, std::memory_order_relaxed);
    };
    try {
        R result = work(*database_);
        after();
        return result;
    } catch (const std::exception& thrown) {
        after();
        return R(Error(Errc::internal, std::string("store: ") + thrown.what()));
    }
}

}  // namespace sbx
