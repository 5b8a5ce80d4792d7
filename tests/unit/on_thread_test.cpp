#include "core/on_thread.hpp"

#include "run_async.hpp"

#include "catch.hpp"

#include <stdexcept>
#include <thread>

using namespace sbx;
namespace asio = boost::asio;

namespace {

/// The thread that work was done on, and the one that its result came back on.
asio::awaitable<std::pair<std::thread::id, std::thread::id>> places(asio::thread_pool& thread)
{
    auto work = [] { return Result<std::thread::id>(std::this_thread::get_id()); };
    const Result<std::thread::id> there = co_await run_on(thread, std::move(work));
    co_return std::pair(*there, std::this_thread::get_id());
}

asio::awaitable<Result<int>> failing(asio::thread_pool& thread)
{
    auto work = []() -> Result<int> { throw std::runtime_error("no such luck"); };
    co_return co_await run_on(thread, std::move(work));
}

}  // namespace

TEST_CASE("work is done on the other thread, and its result comes back")
{
    asio::io_context context;
    asio::thread_pool thread(1);
    const auto [there, back] = test::run_async(context, places(thread));
    CHECK(there != std::this_thread::get_id());
    CHECK(back == std::this_thread::get_id());
}

TEST_CASE("what work throws is an error")
{
    asio::io_context context;
    asio::thread_pool thread(1);
    const Result<int> result = test::run_async(context, failing(thread));
    REQUIRE_FALSE(result);
    CHECK(result.error() == Error(Errc::internal, "no such luck"));
}
