#pragma once

#include "daemon/executions/attend.hpp"
#include "daemon/sandboxes/sandboxes.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace sbx::daemon {

/// `Sandboxes::talk` that ends when the client goes.
template <class T>
asio::awaitable<Result<T>> talk_attended(Exchange& exchange, std::shared_ptr<Living> living,
                                         std::function<asio::awaitable<Result<T>>(AgentLink&)> work)
{
    AgentLink* open = nullptr;  // while there is a link
    std::optional<Result<T>> outcome;
    std::function<asio::awaitable<Result<T>>(AgentLink&)> noted = [&](AgentLink& link) -> asio::awaitable<Result<T>> {
        open = &link;
        Result<T> done = co_await work(link);
        open = nullptr;
        co_return done;
    };
    const auto talk = [&]() -> asio::awaitable<void> {
        outcome.emplace(co_await Sandboxes::talk<T>(living, std::move(noted)));
    };
    std::function<void()> stop = [&open] {
        if (open != nullptr) open->close();
    };
    co_await attend(exchange, talk(), std::move(stop));
    co_return std::move(*outcome);
}

}  // namespace sbx::daemon
