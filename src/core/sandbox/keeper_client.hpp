#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/sandbox_record.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace sbx {

// What a keeper's client does.

/// A file that is there as long as a sandbox is paused: whoever wants its agent would wait for ever.
std::filesystem::path pause_mark(const SandboxStore& store, const SandboxRecord& record);
bool is_paused(const SandboxStore& store, const SandboxRecord& record);

/// Queues what opens every conversation with a keeper.
void greet_keeper(AgentLink& link, const SandboxRecord& record);

/// Ends the sandbox.
/// @param grace  its programs are asked first and have so long; 0: they are killed
/// @error deadline_exceeded  the keeper does not answer
asio::awaitable<Result<void>> end_sandbox(AgentLink& link, std::chrono::milliseconds grace);

/// The sandbox is no more. @param name  as its user calls it
Error has_ended(const std::string& name, Cause cause);

/// Why a connection to the keeper ended that nobody here closed.
/// @return not_found where the sandbox has ended, unavailable where only its keeper has
Error why_it_ended(const SandboxStore& store, const SandboxRecord& record);

/// Has one conversation with a keeper, to its end.
/// @param channel  connected, nothing said yet
/// @param work     what it captures stays alive until it is done
template <class T>
asio::awaitable<Result<T>> talk_to_keeper(std::unique_ptr<Channel> channel, SandboxRecord record,
                                          std::function<asio::awaitable<Result<T>>(AgentLink&)> work)
{
    using namespace asio::experimental::awaitable_operators;
    AgentLink link(co_await asio::this_coro::executor, AgentLink::Upkeep::pings);
    greet_keeper(link, record);
    std::optional<Result<T>> outcome;
    std::exception_ptr thrown;
    const auto work_and_close = [&]() -> asio::awaitable<void> {
        try {
            outcome.emplace(co_await work(link));
        } catch (...) {
            thrown = std::current_exception();
        }
        link.close();
    };
    co_await (link.serve(std::move(channel)) && work_and_close());
    if (thrown) std::rethrow_exception(thrown);
    co_return std::move(*outcome);
}

}  // namespace sbx
