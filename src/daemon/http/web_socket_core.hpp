#pragma once

#include "daemon/http/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace sbx::daemon {

namespace websocket = boost::beast::websocket;
using UpgradeRequest = http::request<http::empty_body>;

/// A WebSocket over a connection's own stream, `Layer`. It reads one message ahead: only while it reads does it see
/// pings, pongs and closes.
/// @source RFC 6455
template <class Layer>
class WebSocketCore : public std::enable_shared_from_this<WebSocketCore<Layer>> {
   public:
    using Clock = Connection::Clock;

    WebSocketCore(std::shared_ptr<Connection> connection, Layer& layer)
        : connection_(std::move(connection)), stream_(layer), changed_(connection_->server().executor)
    {
        stream_.read_message_max(connection_->server().limits.message_bytes);
        stream_.auto_fragment(false);
    }

    asio::awaitable<Result<void>> accept(UpgradeRequest request, std::string id)
    {
        stream_.set_option(websocket::stream_base::decorator([id](websocket::response_type& response) {
            response.set("X-Request-Id", id);
            response.set(http::field::server, "sbx");  // else Beast's, with its version
        }));
        stream_.control_callback([this](websocket::frame_type, boost::beast::string_view) { heard_ = Clock::now(); });
        error_code ec;
        connection_->write_by(Clock::now() + connection_->server().limits.write_stall);
        co_await stream_.async_accept(request, into(ec));
        connection_->write_by(Connection::TimePoint::max());
        if (ec) co_return Error(Errc::cancelled, "the client has gone");
        heard_ = pinged_ = Clock::now();
        const std::weak_ptr<WebSocketCore> weak = this->weak_from_this();
        connection_->set_upkeep([weak](Connection::TimePoint now) {
            if (const auto self = weak.lock()) self->keep_up(now);
        });
        asio::co_spawn(
            connection_->server().executor, [self = this->shared_from_this()] { return self->run(); }, asio::detached);
        co_return Result<void>();
    }

    asio::awaitable<Result<WebSocketMessage>> read()
    {
        while (!inbox_ && !ended_) co_await changed_.wait(std::nullopt);
        if (!inbox_) co_return *ended_;
        WebSocketMessage message = std::move(*inbox_);
        inbox_.reset();
        changed_.notify_all();
        co_return message;
    }

    asio::awaitable<Result<void>> write(WebSocketMessage message)
    {
        if (ended_) co_return Error(Errc::cancelled, "the peer has gone");
        error_code ec;
        stream_.text(message.is_text);
        connection_->write_by(Clock::now() + connection_->server().limits.write_stall);
        co_await stream_.async_write(asio::buffer(message.bytes), into(ec));
        if (!is_closing_) connection_->write_by(Connection::TimePoint::max());
        if (!ec) co_return Result<void>();
        connection_->close();
        co_return Error(Errc::cancelled, "the peer has gone, or takes nothing");
    }

    asio::awaitable<void> close(std::uint16_t code, std::string reason)
    {
        using namespace std::chrono_literals;
        constexpr auto patience = 2s;
        if (ended_ || std::exchange(is_closing_, true)) co_return;
        constexpr std::size_t most_reason = 123;  // what a control frame has room for
        const std::string text = reason.substr(0, most_reason);
        websocket::close_reason why(static_cast<websocket::close_code>(code), text);
        error_code ec;
        inbox_.reset();  // whoever closes reads no more: let the peer's goodbye be read
        changed_.notify_all();
        connection_->write_by(Clock::now() + patience);
        co_await stream_.async_close(why, into(ec));
        connection_->close();
    }

    void drop() { connection_->close(); }

   private:
    /// Reads messages until the end.
    asio::awaitable<void> run()
    {
        while (!ended_) {
            error_code ec;
            boost::beast::flat_buffer bytes;
            is_reading_ = true;
            do {
                co_await stream_.async_read_some(bytes, 0, into(ec));
                heard_ = Clock::now();
            } while (!ec && !stream_.is_message_done());
            is_reading_ = false;
            if (ec) {
                ended_ = failure(ec);
                connection_->close();
            } else if (!is_closing_) {
                const auto all = bytes.cdata();
                inbox_.emplace(stream_.got_text(), std::string(static_cast<const char*>(all.data()), all.size()));
            }
            changed_.notify_all();
            while (inbox_ && !ended_ && !connection_->is_gone()) co_await changed_.wait(Clock::now() + look_again);
        }
    }

    /// Called about once a second.
    void keep_up(Connection::TimePoint now)
    {
        const HttpLimits& limits = connection_->server().limits;
        if (ended_ || connection_->is_gone()) return;
        // While nobody takes its messages the peer's silence is not its own.
        if (!is_reading_) heard_ = now;
        if (now - heard_ > limits.silence) return connection_->close();
        if (now - pinged_ < limits.ping_interval || is_pinging_ || is_closing_) return;
        pinged_ = now;
        is_pinging_ = true;
        asio::co_spawn(
            connection_->server().executor, [self = this->shared_from_this()] { return self->ping(); }, asio::detached);
    }

    asio::awaitable<void> ping()
    {
        error_code ec;
        websocket::ping_data nothing;
        co_await stream_.async_ping(nothing, into(ec));
        is_pinging_ = false;
    }

    static Error failure(const error_code& ec)
    {
        const bool broke_rules = ec == websocket::condition::protocol_violation ||
                                 ec == websocket::error::message_too_big || ec == websocket::error::buffer_overflow;
        if (broke_rules) return Error(Errc::invalid_argument, "WebSocket: " + ec.message());
        return Error(Errc::cancelled, "the peer has closed the WebSocket");
    }

    static constexpr std::chrono::seconds look_again{1};

    std::shared_ptr<Connection> connection_;
    websocket::stream<Layer&, false> stream_;
    Condition changed_;
    std::optional<WebSocketMessage> inbox_;
    std::optional<Error> ended_;
    Clock::time_point heard_;
    Clock::time_point pinged_;
    bool is_reading_ = false;
    bool is_pinging_ = false;
    bool is_closing_ = false;
};

}  // namespace sbx::daemon
