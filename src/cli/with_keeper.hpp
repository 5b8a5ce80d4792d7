#pragma once

#include "cli/keeper_process.hpp"
#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/keeper_client.hpp"
#include "core/sandbox/keeper_socket.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace sbx::cli {

/// The sandbox that a user means.
/// @error not_found  it is unknown, or has ended
/// @error conflict   its name is ambiguous, or it is paused
Result<SandboxRecord> find_living(const SandboxStore& store, const std::string& text);

/// A connection to the sandbox's keeper; another one is started where it has gone.
Result<std::unique_ptr<Channel>> open_keeper(const asio::any_io_executor& executor, const Context& context,
                                             const SandboxStore& store, const SandboxRecord& record);

/// Runs one coroutine over a connection to the sandbox's keeper to its end.
/// @param work  `asio::awaitable<Result<T>>(AgentLink&)`; what it captures stays alive until it is done
template <class Work>
auto talk_to_keeper(asio::io_context& io, std::unique_ptr<Channel> channel, const SandboxRecord& record,
                    const Work& work)
{
    using Outcome = typename std::invoke_result_t<Work, AgentLink&>::value_type;
    AgentLink link(io.get_executor(), AgentLink::Upkeep::pings);
    greet_keeper(link, record);
    std::optional<Outcome> outcome;
    std::exception_ptr thrown;
    asio::co_spawn(io, link.serve(std::move(channel)), asio::detached);
    asio::co_spawn(io, work(link), [&](const std::exception_ptr& e, Outcome value) {
        thrown = e;
        outcome.emplace(std::move(value));
        link.close();
    });
    io.run();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*outcome);
}

/// The same, connecting first.
template <class Work>
auto with_keeper(const Context& context, const SandboxStore& store, const SandboxRecord& record, const Work& work)
{
    using Outcome = typename std::invoke_result_t<Work, AgentLink&>::value_type;
    asio::io_context io(1);
    Result<std::unique_ptr<Channel>> channel = open_keeper(io.get_executor(), context, store, record);
    if (!channel) return Outcome(channel.error());
    return talk_to_keeper(io, std::move(*channel), record, work);
}

}  // namespace sbx::cli
