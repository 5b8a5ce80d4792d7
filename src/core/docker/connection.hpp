#pragma once

#include "core/docker/transport.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace sbx::docker {

namespace http = boost::beast::http;
using ReplyParser = http::response_parser<http::string_body>;

/// A transport with a read buffer and a deadline.
class Connection : public std::enable_shared_from_this<Connection> {
   public:
    Connection(const asio::any_io_executor& executor, std::unique_ptr<Transport> transport);

    /// Closes the connection when it is still in use after `limit`; replaces an earlier deadline.
    void expire_after(std::chrono::steady_clock::duration limit);
    void expire_never() { timer_.cancel(); }

    asio::awaitable<Result<void>> write(std::span<const char> bytes);
    /// Feeds `parser` with what is buffered, or with one read.
    asio::awaitable<Result<void>> advance(ReplyParser& parser);
    /// Reads raw bytes: what is buffered first.
    /// @return 0 at the end of the stream, or after `close`
    asio::awaitable<Result<std::size_t>> read_some(std::span<char> into);

    void close();
    bool is_closed() const { return closed_; }
    /// Whether another request may be sent on it.
    bool is_fresh() { return !closed_ && buffer_.size() == 0 && !transport_->is_stale(); }

    /// Set when taken from among the idle ones.
    void mark_reused() { reused_ = true, answered_ = false; }
    bool reused() const { return reused_; }
    /// Whether a byte of a reply has arrived since it was taken.
    bool answered() const { return answered_; }
    bool timed_out() const { return timed_out_; }

   private:
    Error failure(const error_code& ec) const;

    asio::steady_timer timer_;
    std::unique_ptr<Transport> transport_;
    boost::beast::flat_buffer buffer_;
    std::size_t read_bytes_;  ///< at a time: little, until a reply is long
    bool starved_ = false;    ///< what is buffered is less than the parser can use
    bool closed_ = false;
    bool timed_out_ = false;
    bool reused_ = false;
    bool answered_ = false;
};

}  // namespace sbx::docker
