#pragma once

#include "core/local_channel.hpp"
#include "sbx/result.hpp"

#include <filesystem>

namespace sbx {

using LocalAcceptor = asio::local::stream_protocol::acceptor;

// A keeper's socket. Its path may be longer than an address can be: it is reached through a descriptor of its
// directory.

/// Listens at `path`, with mode 0600; what a dead keeper left there is replaced.
/// @error permission_denied
Result<LocalAcceptor> listen_at(const asio::any_io_executor& executor, const std::filesystem::path& path);

/// @error unavailable  nobody listens there
Result<LocalSocket> connect_to(const asio::any_io_executor& executor, const std::filesystem::path& path);

/// Whether the other end belongs to this user, or to root.
bool is_ours(LocalSocket& socket);

}  // namespace sbx
