#include "daemon/executions/attend.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <chrono>
#include <csignal>
#include <optional>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto stop_again = 100ms;  // a program that has not begun yet takes no signal

}  // namespace

asio::awaitable<void> work_beside(asio::awaitable<void> work, asio::awaitable<void> meanwhile, bool& over,
                                  Condition& changed)
{
    using namespace asio::experimental::awaitable_operators;
    std::exception_ptr thrown;
    const auto run = [&]() -> asio::awaitable<void> {
        try {
            co_await std::move(work);
        } catch (...) {
            thrown = std::current_exception();
        }
        over = true;
        changed.notify_all();
    };
    co_await (run() && std::move(meanwhile));
    if (thrown) std::rethrow_exception(thrown);
}

asio::awaitable<void> attend(Exchange& exchange, asio::awaitable<void> work, std::function<void()> stop)
{
    bool over = false;
    const auto watch = [&]() -> asio::awaitable<void> {
        exchange.watch();
        while (!over) {
            std::optional<Condition::TimePoint> again;
            if (exchange.is_gone()) {
                stop();
                again = std::chrono::steady_clock::now() + stop_again;
            }
            if (!over) co_await exchange.gone().wait(again);
        }
    };
    co_await work_beside(std::move(work), watch(), over, exchange.gone());
}

asio::awaitable<Result<RunResult>> attend(Exchange& exchange, RunningProgram& program,
                                          asio::awaitable<Result<RunResult>> work)
{
    std::optional<Result<RunResult>> result;
    const auto run = [&]() -> asio::awaitable<void> { result.emplace(co_await std::move(work)); };
    std::function<void()> kill = [&] { program.signal(SIGTERM); };  // the second one kills
    co_await attend(exchange, run(), std::move(kill));
    co_return std::move(*result);
}

}  // namespace sbx::daemon
