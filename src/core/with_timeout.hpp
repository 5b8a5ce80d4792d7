#pragma once

#include "sbx/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <utility>

namespace sbx {

/// Awaits `work`, but cancels it (terminally) after `limit`.
/// @error deadline_exceeded  `work` took longer
template <class T>
boost::asio::awaitable<Result<T>> with_timeout(boost::asio::awaitable<Result<T>> work, std::chrono::milliseconds limit)
{
    namespace asio = boost::asio;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, limit);
    auto both = asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(work), asio::deferred),
                                                        timer.async_wait(asio::deferred));
    auto [order, thrown, result, unused] =
        co_await both.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (order[0] == 1) co_return Error(Errc::deadline_exceeded, "no answer in time");
    if (thrown) std::rethrow_exception(thrown);
    co_return std::move(result);
}

}  // namespace sbx
