#include "core/sandbox/outside_stream.hpp"

#include "core/read_buffer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>

namespace sbx {
namespace {

using asio::ip::tcp;

constexpr std::size_t piece_bytes = std::size_t{64} << 10;

wire::Failure to_failure(const Error& error)
{
    wire::Failure failure;
    failure.code = error.code == Errc::permission_denied ? wire::FailureCode::denied : wire::FailureCode::not_found;
    failure.message = error.message;
    return failure;
}

}  // namespace

OutsideStream::OutsideStream(AgentLink& link, Outside& outside, wire::StreamId stream, std::string host,
                             std::uint16_t port)
    : link_(link),
      outside_(outside),
      stream_(stream),
      host_(std::move(host)),
      port_(port),
      changed_(link.changed().executor())
{
}

asio::awaitable<void> OutsideStream::run()
{
    using namespace asio::experimental::awaitable_operators;
    const Semaphore::Place place = co_await outside_.sockets.acquire();
    Result<OutsideSocket> connected = co_await outside_.connector.connect(host_, port_);
    if (!connected) co_return refuse(connected.error());
    socket_ = std::move(*connected);
    attempt_ = outside_.attempts.add(host_, port_, Verdict::allowed);
    boost::system::error_code gone;
    outside_.attempts.change(attempt_).address = socket_->remote_endpoint(gone).address().to_string();
    link_.owner().accept(stream_);
    link_.flush();
    co_await (send() && receive());
}

void OutsideStream::refuse(const Error& error)
{
    const bool refused = error.code == Errc::permission_denied;
    outside_.attempts.add(host_, port_, refused ? Verdict::refused : Verdict::failed, error.message);
    link_.owner().refuse(stream_, to_failure(error));
    link_.flush();
}

/// What the program sends, to the outside.
asio::awaitable<void> OutsideStream::send()
{
    while (!broken_) {
        if (to_send_.empty() && sent_all_) break;
        if (to_send_.empty()) {
            co_await changed_.wait(std::nullopt);
            continue;
        }
        const std::string piece = std::exchange(to_send_, {});
        co_await keep_pace(piece.size());
        boost::system::error_code failed;
        co_await asio::async_write(*socket_, asio::buffer(piece), asio::redirect_error(asio::use_awaitable, failed));
        if (failed) co_return give_up();
        outside_.attempts.change(attempt_).sent_bytes += piece.size();
        link_.owner().consumed(stream_, wire::Channel::input, piece.size());
        link_.flush();
    }
    boost::system::error_code gone;
    socket_->shutdown(tcp::socket::shutdown_send, gone);
    sent_ = true;
    link_.flush();
}

/// What comes from the outside, to the program.
asio::awaitable<void> OutsideStream::receive()
{
    ReadBuffer buffer(piece_bytes);
    while (!broken_) {
        const std::size_t room = std::min(link_.owner().may_send(stream_), piece_bytes);
        if (room == 0) {
            co_await changed_.wait(std::nullopt);
            continue;
        }
        boost::system::error_code failed;
        const std::size_t count = co_await socket_->async_read_some(asio::buffer(buffer.all().data(), room),
                                                                    asio::redirect_error(asio::use_awaitable, failed));
        if (failed == asio::error::eof) break;
        if (failed) co_return give_up();
        outside_.attempts.change(attempt_).received_bytes += count;
        link_.owner().send(stream_, buffer.first(count));
        link_.flush();
        co_await keep_pace(count);
    }
    received_ = true;
    link_.owner().eof(stream_);
    link_.flush();
}

asio::awaitable<void> OutsideStream::keep_pace(std::size_t bytes)
{
    const auto now = std::chrono::steady_clock::now();
    const auto next = outside_.rate.take(bytes, now);
    if (next <= now) co_return;
    asio::steady_timer timer(socket_->get_executor(), next);
    co_await timer.async_wait(asio::use_awaitable);
}

/// A connection that broke on one side is broken on the other.
void OutsideStream::give_up()
{
    broken_ = true;
    make_abrupt();
    boost::system::error_code ignored;
    if (socket_) socket_->close(ignored);
    link_.owner().close(stream_);
    link_.flush();
    changed_.notify_all();
}

/// What waits in the kernel is not sent any more, and is not kept there until somebody reads it.
void OutsideStream::make_abrupt()
{
    boost::system::error_code ignored;
    if (socket_) socket_->set_option(asio::socket_base::linger(true, 0), ignored);
}

void OutsideStream::forbid()
{
    make_abrupt();
    link_.owner().close(stream_);
    link_.flush();
    stop();
}

void OutsideStream::on_data(std::uint8_t /*channel*/, std::span<const char> bytes)
{
    to_send_.append(bytes.data(), bytes.size());
    changed_.notify_all();
}

void OutsideStream::on_eof(std::uint8_t /*channel*/)
{
    sent_all_ = true;
    changed_.notify_all();
}

void OutsideStream::on_credit(std::uint8_t /*channel*/)
{
    changed_.notify_all();
}

bool OutsideStream::on_end(const Outcome& /*outcome*/)
{
    ended_ = true;
    const bool in_order = sent_all_ && received_;  // then only what came last has still to be written
    if (!in_order) stop();
    return true;
}

}  // namespace sbx
