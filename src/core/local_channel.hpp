#pragma once

#include "sbx/engine.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <memory>

namespace sbx {

using LocalSocket = asio::local::stream_protocol::socket;

/// A connected Unix socket as a stream of bytes.
std::unique_ptr<Channel> make_channel(LocalSocket socket);

}  // namespace sbx
