#include "core/sandbox/semaphore.hpp"

#include "catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <string>

using namespace sbx;

TEST_CASE("who finds no place waits until one is given back")
{
    boost::asio::io_context io;
    Semaphore semaphore(io.get_executor(), 2);
    Condition leave(io.get_executor());
    std::string told;
    auto stay = [&](char name) -> boost::asio::awaitable<void> {
        const Semaphore::Place place = co_await semaphore.acquire();
        told += name;
        co_await leave.wait(std::nullopt);
    };
    for (const char name : {'a', 'b', 'c', 'd', 'e'}) boost::asio::co_spawn(io, stay(name), boost::asio::detached);
    io.poll();
    CHECK(told == "ab");
    leave.notify_all();
    io.poll();
    CHECK(told == "abcd");
    leave.notify_all();
    io.poll();
    CHECK(told == "abcde");
    leave.notify_all();
    io.run();
}
