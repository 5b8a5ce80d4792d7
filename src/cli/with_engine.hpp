#pragma once

#include "cli/open_engine.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace sbx::cli {

/// Opens the configured engine and runs one coroutine on it to its end.
/// @param work  `asio::awaitable<Result<T>>(const OpenEngine&)`; what it captures stays alive until it is done
template <class Work>
auto with_engine(const Context& context, const Settings& settings, const Work& work)
{
    using Outcome = typename std::invoke_result_t<Work, const OpenEngine&>::value_type;
    asio::io_context io(1);
    const Result<OpenEngine> open = open_engine(io.get_executor(), context, settings, false);
    if (!open) return Outcome(open.error());
    std::optional<Outcome> outcome;
    std::exception_ptr thrown;
    asio::co_spawn(io, work(*open), [&](const std::exception_ptr& e, Outcome value) {
        thrown = e;
        outcome.emplace(std::move(value));
        io.stop();  // kept-alive connections have nothing more to say
    });
    io.run();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*outcome);
}

}  // namespace sbx::cli
