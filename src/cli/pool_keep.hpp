#pragma once

#include "cli/context.hpp"
#include "cli/standby_order.hpp"
#include "core/sandbox/condition.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sbx::cli {

/// `sbx pool keep`: sees to it that as many sandboxes wait as were ordered, until it is interrupted. One that was used,
/// has died or will soon have waited its time gets a successor. An engine that goes away is waited for.
class PoolKeep {
   public:
    /// @param drains  whether those that it started are removed at the end
    PoolKeep(Context& context, StandbyOrder order, StandbyStore store, bool drains);

    void run(const Settings& settings);

   private:
    using Clock = std::chrono::steady_clock;

    asio::awaitable<void> keep();
    asio::awaitable<void> keep_filled();
    asio::awaitable<Result<StandbyOrder>> choose();
    asio::awaitable<Result<void>> fill();
    asio::awaitable<Result<std::vector<Standby>>> living();
    asio::awaitable<void> await_change();
    asio::awaitable<void> retry_later(const Error& error);
    asio::awaitable<Result<void>> drain();

    bool lasts(const Standby& standby) const;
    std::uint32_t waiting(const std::vector<Standby>& among) const;
    void announce();

    Context& context_;
    StandbyOrder order_;
    StandbyStore store_;
    bool drains_;
    asio::io_context io_{1};
    OpenEngine open_;
    Condition woken_;
    asio::cancellation_signal stop_choosing_;  ///< a pull may take long, and nothing is lost with it
    std::string key_;
    std::vector<Standby> started_;
    std::optional<std::chrono::milliseconds> backoff_;  ///< while the engine is in trouble
    bool has_filled_ = false;
    bool stops_ = false;
    int signal_ = 0;
};

}  // namespace sbx::cli
