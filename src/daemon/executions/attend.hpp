#pragma once

#include "core/sandbox/run.hpp"
#include "daemon/http/exchange.hpp"

#include <functional>

namespace sbx::daemon {

/// Does `work`, and `meanwhile` beside it. When `work` has ended, `over` is set and `changed` notified: `meanwhile`
/// ends then. What `work` throws is thrown after both.
asio::awaitable<void> work_beside(asio::awaitable<void> work, asio::awaitable<void> meanwhile, bool& over,
                                  Condition& changed);

/// Waits for work that a client wants, and calls `stop`, again and again, once the client has gone.
asio::awaitable<void> attend(Exchange& exchange, asio::awaitable<void> work, std::function<void()> stop);

/// The same for a program, which is ended then.
/// @param program  what `work` runs
/// @param work     `program.execute(…)`
asio::awaitable<Result<RunResult>> attend(Exchange& exchange, RunningProgram& program,
                                          asio::awaitable<Result<RunResult>> work);

}  // namespace sbx::daemon
