#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <vector>

namespace sbx {

/// Something that coroutines of one thread wait for. As with any condition variable, test in a loop.
class Condition {
   public:
    using TimePoint = boost::asio::steady_timer::time_point;

    explicit Condition(const boost::asio::any_io_executor& executor) : executor_(executor) {}

    const boost::asio::any_io_executor& executor() const { return executor_; }

    void notify_all()
    {
        for (boost::asio::steady_timer* waiter : waiters_) waiter->cancel();
    }

    /// Returns after a notification, or at `deadline` when there is one.
    boost::asio::awaitable<void> wait(std::optional<TimePoint> deadline)
    {
        boost::asio::steady_timer timer(executor_, deadline.value_or(TimePoint::max()));
        const Registration registration(waiters_, &timer);
        boost::system::error_code cancelled;
        co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    }

   private:
    using Waiters = std::vector<boost::asio::steady_timer*>;

    struct Registration {
        Registration(Waiters& among, boost::asio::steady_timer* timer) : waiters(among), own(timer)
        {
            waiters.push_back(own);
        }
        ~Registration() { std::erase(waiters, own); }
        Registration(const Registration&) = delete;
        Registration& operator=(const Registration&) = delete;

        Waiters& waiters;
        boost::asio::steady_timer* own;
    };

    boost::asio::any_io_executor executor_;
    Waiters waiters_;
};

}  // namespace sbx
