#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace test {

/// Runs one coroutine to its end on an io_context of its own and returns its value.
template <class T>
T run_async(boost::asio::io_context& context, boost::asio::awaitable<T> work)
{
    std::optional<T> value;
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr e, T result) {
        thrown = e;
        if (!e) value.emplace(std::move(result));
    });
    context.restart();
    context.run();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*value);
}

}  // namespace test
