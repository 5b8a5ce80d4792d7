#pragma once

#include "core/docker/socket_transport.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

namespace sbx::docker {

/// The standard input and output of a child process, which ends with it. Its standard error is ours.
class ChildTransport final : public SocketTransport<asio::local::stream_protocol::socket> {
   public:
    ChildTransport(asio::local::stream_protocol::socket socket, pid_t child);
    ~ChildTransport() override;
    ChildTransport(const ChildTransport&) = delete;
    ChildTransport& operator=(const ChildTransport&) = delete;

    /// Ends the child first, which would complain of a broken stream on our standard error.
    void close() override;

    /// The child reads end-of-file; its output can still be read.
    void end_input();

   private:
    pid_t child_;
};

/// Starts `command`, looked up on PATH.
/// @error unavailable  it can't be started
Result<std::unique_ptr<ChildTransport>> start_child(asio::any_io_executor executor,
                                                    const std::vector<std::string>& command);

}  // namespace sbx::docker
