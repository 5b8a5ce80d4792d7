#pragma once

#include "core/sandbox/condition.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/web_socket.hpp"
#include "sbx/engine.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace sbx::daemon {

namespace asio = boost::asio;

/// One request and its answer, as whoever serves it sees them. One thread; one call at a time but `is_gone`, `gone`.
/// A body that is not read is read over, up to a limit, or ends the connection.
class Exchange {
   public:
    virtual ~Exchange() = default;

    virtual const RequestHead& head() const = 0;

    /// The whole body.
    /// @error too_large          it is longer than `limit`; known before any of it is read where its length is told
    /// @error invalid_argument   it is cut, or its chunks are malformed
    /// @error deadline_exceeded  it comes too slowly
    virtual asio::awaitable<Result<std::string>> body(std::size_t limit) = 0;
    /// Its next bytes, for bodies that are passed on as they come.
    /// @return how many; 0 at its end
    /// @error as `body`
    virtual asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) = 0;

    /// For bodies that come as fast as what is done with them: only a pause is too slow then, however long all takes.
    virtual void allow_pauses() = 0;

    /// Answers. What cannot be written any more is dropped.
    virtual asio::awaitable<void> respond(Response response) = 0;

    /// Begins an answer whose length is not known yet; its body is ignored.
    /// @error cancelled  the client has gone; so for the next two
    virtual asio::awaitable<Result<void>> begin(Response head) = 0;
    /// Completes when all of `bytes` are handed to the kernel: a slow reader slows the writer down.
    virtual asio::awaitable<Result<void>> write(std::span<const char> bytes) = 0;
    /// Without it the answer ends as a cut one, which a client takes for a failure.
    virtual asio::awaitable<Result<void>> finish() = 0;

    /// Answers 101 and gives the connection up to another protocol; nothing else of this may be called then.
    /// @param headers  of the answer beside those that switch; one that would break the head is left out
    /// @error cancelled  the client has gone
    virtual asio::awaitable<Result<std::unique_ptr<Channel>>> switch_protocols(std::string protocol,
                                                                               Headers headers) = 0;
    /// The same for a WebSocket (RFC 6455).
    /// @error invalid_argument  the request is no upgrade to one
    virtual asio::awaitable<Result<std::unique_ptr<WebSocket>>> accept_web_socket() = 0;

    /// No request follows this one on its connection, which ends with the answer.
    virtual void close_after() = 0;

    /// Closes the connection at once, also while something is being written to a client that does not read.
    virtual void cut() = 0;

    /// Watches from now on whether the client goes away; what it sends meanwhile waits.
    virtual void watch() = 0;
    /// Whether it has gone, as far as `watch` and the last write could tell.
    virtual bool is_gone() const = 0;
    /// Notified when it goes.
    virtual Condition& gone() = 0;

    /// What logs say of the request. The connection of whoever has shown a key counts no longer against the limit for
    /// its address.
    /// @param route  its pattern, of static life; empty: none
    /// @param key    the caller's id; empty: none was shown
    virtual void note(std::string_view route, std::string key) = 0;
};

/// Serves every request; must answer each. What it throws is a bug: the client gets 500.
using Serve = std::function<asio::awaitable<void>(Exchange&)>;

}  // namespace sbx::daemon
