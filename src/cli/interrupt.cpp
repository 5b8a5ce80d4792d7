#include "cli/interrupt.hpp"

#include <csignal>
#include <utility>

namespace sbx::cli {

Interrupt::Interrupt(const boost::asio::any_io_executor& executor, std::function<void()> then)
    : signals_(executor, SIGINT, SIGTERM), state_(std::make_shared<State>())
{
    state_->then = std::move(then);
    signals_.async_wait([state = state_](const boost::system::error_code& failed, int signal) {
        if (failed) return;
        state->signal = signal;
        if (state->then) state->then();
    });
}

Interrupt::~Interrupt()
{
    state_->then = nullptr;
}

int Interrupt::signal() const
{
    return state_->signal;
}

}  // namespace sbx::cli
