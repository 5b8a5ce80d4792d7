#pragma once

#include "daemon/http/server_state.hpp"
#include "daemon/http/stream.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sbx::daemon {

/// A client's stream with a read buffer and deadlines, which the server's sweep looks at: a timer for each operation
/// would cost more than the operations.
class Connection : public std::enable_shared_from_this<Connection> {
   public:
    using Clock = std::chrono::steady_clock;
    using TimePoint = Clock::time_point;

    Connection(std::shared_ptr<ServerState> server, std::shared_ptr<const Site> site, std::unique_ptr<Stream> stream,
               Peer peer);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    ServerState& server() { return *server_; }
    const Site& site() const { return *site_; }
    const Peer& peer() const { return peer_; }
    Stream& stream() { return *stream_; }

    /// What has to be done before the first byte.
    asio::awaitable<bool> open();

    std::string_view buffered() const;
    void consume(std::size_t n) { input_.consume(n); }
    /// Reads more into the buffer.
    /// @return whether there is more
    asio::awaitable<bool> fill();
    /// @return 0 at the end, however it came
    asio::awaitable<std::size_t> read_some(std::span<char> bytes);
    /// What is being written must be so at `when`, or the connection is closed. For those who write to the stream
    /// itself.
    void write_by(TimePoint when) { write_by_ = when; }
    /// Called with every sweep.
    void set_upkeep(std::function<void(TimePoint)> upkeep) { upkeep_ = std::move(upkeep); }
    /// Reads end at `when`.
    void read_by(TimePoint when) { read_by_ = when; }
    bool read_timed_out() const { return read_timed_out_; }

    /// Writes everything.
    /// @return false: the client has gone, or took nothing for too long
    asio::awaitable<bool> write(Pieces pieces);

    /// Reads into the buffer from now on, in order to see when the client goes.
    void watch();
    /// Ends that after the next bytes.
    void unwatch() { unwatch_ = true; }
    /// Ends that at once; complete when nothing is being read any more.
    asio::awaitable<void> stop_watching();
    bool is_gone() const { return is_gone_; }
    Condition& gone() { return gone_; }

    /// Closes after the client had the chance to read what was written: closing with unread bytes resets a connection.
    asio::awaitable<void> close_gently();
    void close();

    /// Between two requests. @param since  none: not so
    void set_idle(std::optional<TimePoint> since) { idle_since_ = since; }
    std::optional<TimePoint> idle_since() const { return idle_since_; }
    void vouch();
    /// Who the request under way came from, once that is known; nobody between two requests.
    void set_caller(std::optional<std::string> key) { caller_ = std::move(key); }
    const std::optional<std::string>& caller() const { return caller_; }
    /// Does what the deadlines ask for.
    void sweep(TimePoint now);

    std::uint64_t bytes_in() const { return bytes_in_; }
    std::uint64_t bytes_out() const { return bytes_out_; }

   private:
    asio::awaitable<void> run_watch();
    void set_gone();

    std::shared_ptr<ServerState> server_;
    std::shared_ptr<const Site> site_;
    std::unique_ptr<Stream> stream_;
    Peer peer_;
    bool counted_ = false;  ///< against the limit for its address
    boost::beast::flat_buffer input_;
    bool input_ended_ = false;
    bool watching_ = false;
    bool unwatch_ = false;
    Condition arrived_;  ///< of bytes, or of the end, while watching
    Condition gone_;
    bool is_gone_ = false;
    bool read_timed_out_ = false;
    TimePoint read_by_ = TimePoint::max();
    TimePoint write_by_ = TimePoint::max();
    unsigned writes_in_a_row_ = 0;  ///< that did not wait
    std::optional<TimePoint> idle_since_;
    std::optional<std::string> caller_;  ///< the id of his key, which may be empty
    std::function<void(TimePoint)> upkeep_;
    std::uint64_t bytes_in_ = 0;
    std::uint64_t bytes_out_ = 0;
};

}  // namespace sbx::daemon
