#include "daemon/http/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <cstring>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t read_bytes = std::size_t{8} << 10;
constexpr std::size_t watch_bytes = 1024;
constexpr std::size_t most_watched_bytes = std::size_t{64} << 10;
/// After so many writes that found room at once, others get their turn.
constexpr unsigned most_writes_in_a_row = 16;
constexpr std::size_t most_lingering_bytes = std::size_t{1} << 20;
constexpr auto linger_time = 2s;

void advance(Pieces& pieces, std::size_t n)
{
    for (asio::const_buffer& piece : pieces) {
        const std::size_t part = std::min(n, piece.size());
        piece += part;
        n -= part;
    }
}

}  // namespace

Connection::Connection(std::shared_ptr<ServerState> server, std::shared_ptr<const Site> site,
                       std::unique_ptr<Stream> stream, Peer peer)
    : server_(std::move(server)),
      site_(std::move(site)),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      counted_(peer_.kind == Peer::Kind::remote),
      arrived_(server_->executor),
      gone_(server_->executor)
{
    server_->connections.insert(this);
    if (counted_) ++server_->per_address[peer_.address];
}

Connection::~Connection()
{
    vouch();
    server_->connections.erase(this);
}

void Connection::vouch()
{
    if (!counted_) return;
    counted_ = false;
    const auto found = server_->per_address.find(peer_.address);
    if (found != server_->per_address.end() && --found->second == 0) server_->per_address.erase(found);
}

asio::awaitable<bool> Connection::open()
{
    error_code ec;
    co_await stream_->handshake(ec);
    co_return !ec;
}

std::string_view Connection::buffered() const
{
    const auto bytes = input_.cdata();
    return std::string_view(static_cast<const char*>(bytes.data()), bytes.size());
}

asio::awaitable<bool> Connection::fill()
{
    const std::size_t before = input_.size();
    while (watching_ && input_.size() == before) co_await arrived_.wait(std::nullopt);
    if (input_.size() > before) co_return true;
    if (input_ended_ || read_timed_out_) co_return false;
    const auto room = input_.prepare(read_bytes);
    const std::span<char> space(static_cast<char*>(room.data()), room.size());
    error_code ec;
    const std::size_t n = co_await stream_->read_some(space, ec);
    writes_in_a_row_ = 0;
    input_.commit(n);
    bytes_in_ += n;
    input_ended_ = ec || n == 0;
    co_return n > 0;
}

asio::awaitable<std::size_t> Connection::read_some(std::span<char> bytes)
{
    if (input_.size() == 0 && watching_) co_await fill();
    if (input_.size() > 0) {
        const std::size_t n = std::min(bytes.size(), input_.size());
        std::memcpy(bytes.data(), input_.cdata().data(), n);
        input_.consume(n);
        co_return n;
    }
    if (input_ended_ || read_timed_out_ || bytes.empty()) co_return std::size_t{0};
    error_code ec;
    const std::size_t n = co_await stream_->read_some(bytes, ec);
    writes_in_a_row_ = 0;
    bytes_in_ += n;
    input_ended_ = ec || n == 0;
    co_return n;
}

asio::awaitable<bool> Connection::write(Pieces pieces)
{
    while (asio::buffer_size(pieces) > 0) {
        if (is_gone_) co_return false;
        error_code ec;
        std::size_t n = 0;
        if (++writes_in_a_row_ <= most_writes_in_a_row) n = stream_->try_write(pieces, ec);
        if (n == 0 && !ec) {
            write_by_ = Clock::now() + server_->limits.write_stall;
            n = co_await stream_->write_some(pieces, ec);
            write_by_ = TimePoint::max();
            writes_in_a_row_ = 0;
        }
        bytes_out_ += n;
        advance(pieces, n);
        if (ec) set_gone();
    }
    co_return true;
}

void Connection::watch()
{
    unwatch_ = false;
    if (watching_ || input_ended_) return;
    watching_ = true;
    asio::co_spawn(
        server_->executor, [self = shared_from_this()] { return self->run_watch(); }, asio::detached);
}

/// Reads to a place of its own, as the buffer may be used meanwhile.
asio::awaitable<void> Connection::run_watch()
{
    std::array<char, watch_bytes> space;
    while (!unwatch_ && !input_ended_ && input_.size() < most_watched_bytes) {
        error_code ec;
        const std::size_t n = co_await stream_->read_some(space, ec);
        if (n > 0) {
            std::memcpy(input_.prepare(n).data(), space.data(), n);
            input_.commit(n);
            bytes_in_ += n;
        }
        const bool cancelled = ec == asio::error::operation_aborted && unwatch_;
        input_ended_ = (ec && !cancelled) || (!ec && n == 0);
        if (input_ended_ && !read_timed_out_) set_gone();
        arrived_.notify_all();
    }
    watching_ = false;
    arrived_.notify_all();
}

asio::awaitable<void> Connection::stop_watching()
{
    unwatch_ = true;
    if (watching_) stream_->cancel();
    while (watching_) co_await arrived_.wait(std::nullopt);
}

asio::awaitable<void> Connection::close_gently()
{
    if (!is_gone_) {
        error_code ec;
        read_timed_out_ = false;
        write_by_ = read_by_ = Clock::now() + linger_time;
        co_await stream_->end_writing(ec);
        write_by_ = TimePoint::max();
        std::size_t read = input_.size();
        bool goes_on = !ec;
        while (goes_on && read < most_lingering_bytes) {
            input_.clear();
            goes_on = co_await fill();
            read += input_.size();
        }
    }
    close();
}

void Connection::close()
{
    read_by_ = write_by_ = TimePoint::max();
    stream_->close();
    set_gone();
}

void Connection::set_gone()
{
    if (is_gone_) return;
    is_gone_ = true;
    gone_.notify_all();
}

void Connection::sweep(TimePoint now)
{
    if (now >= write_by_) {
        close();
    } else if (now >= read_by_) {
        read_timed_out_ = true;
        read_by_ = TimePoint::max();
        stream_->cancel();
    }
    if (upkeep_) upkeep_(now);
}

}  // namespace sbx::daemon
