#pragma once

#include "sbx/result.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <concepts>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>

namespace sbx {

/// @return what `work` gives, a Result
/// @error internal  it threw
template <std::invocable Work>
std::invoke_result_t<Work> caught(Work& work)
try {
    return work();
} catch (const std::exception& thrown) {
    return Error(Errc::internal, thrown.what());
}

/// Does work that blocks on a thread; what it gives, a Result, comes back on the caller's executor. The coroutine
/// itself stays there: its cancellation must not meet it on another thread.
/// @error internal  `work` threw
template <std::invocable Work>
boost::asio::awaitable<std::invoke_result_t<Work>> run_on(boost::asio::thread_pool& thread, Work work)
{
    namespace asio = boost::asio;
    using R = std::invoke_result_t<Work>;
    auto start = [&thread](auto handler, Work begun) {
        auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
        auto go = [told = std::move(handler), begun = std::move(begun), guard = std::move(guard)]() mutable {
            auto tell = [told = std::move(told), result = caught(begun)]() mutable { told(std::move(result)); };
            asio::post(guard.get_executor(), std::move(tell));
        };
        asio::post(thread, std::move(go));
    };
    asio::use_awaitable_t<> token;
    return asio::async_initiate<const asio::use_awaitable_t<>, void(R)>(std::move(start), token, std::move(work));
}

}  // namespace sbx
