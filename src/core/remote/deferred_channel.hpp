#pragma once

#include "sbx/engine.hpp"

#include <functional>
#include <memory>

namespace sbx {

using OpenChannel = std::function<asio::awaitable<Result<std::unique_ptr<Channel>>>()>;

/// A channel that is opened by its first use. That it cannot be is what its reads and writes say.
std::unique_ptr<Channel> deferred_channel(const asio::any_io_executor& executor, OpenChannel open);

}  // namespace sbx
