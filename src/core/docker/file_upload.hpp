#pragma once

#include "core/docker/client.hpp"

#include <filesystem>
#include <memory>

namespace sbx::docker {

/// How long an engine may be silent while it takes or gives a large body.
inline constexpr std::chrono::minutes idle_limit(5);

/// Sends a request whose body is a file, and leaves the reply to the caller.
/// @error not_found  the file cannot be read
asio::awaitable<Result<std::shared_ptr<Exchange>>> send_file(Client& client, Request request,
                                                             std::filesystem::path file,
                                                             std::uint64_t most_reply_bytes);

}  // namespace sbx::docker
