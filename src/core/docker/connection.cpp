#include "core/docker/connection.hpp"

#include <fmt/format.h>
#include <boost/asio/ssl/error.hpp>

#include <algorithm>
#include <cstring>

namespace sbx::docker {
namespace {

constexpr std::size_t least_read_bytes = 4U << 10;
constexpr std::size_t most_read_bytes = 64U << 10;
/// A reply's head or a chunk's is never longer; the parser itself has no limit for the latter.
constexpr std::size_t max_unparsed_bytes = 128U << 10;

}  // namespace

Connection::Connection(const asio::any_io_executor& executor, std::unique_ptr<Transport> transport)
    : timer_(executor), transport_(std::move(transport)), read_bytes_(least_read_bytes)
{
}

void Connection::expire_after(std::chrono::steady_clock::duration limit)
{
    timer_.expires_after(limit);
    timer_.async_wait([weak = weak_from_this()](const error_code& ec) {
        const auto self = weak.lock();
        if (ec || !self || self->timer_.expiry() > std::chrono::steady_clock::now()) return;
        self->timed_out_ = true;
        self->close();
    });
}

asio::awaitable<Result<void>> Connection::write(std::span<const char> bytes)
{
    error_code ec;
    if (closed_)
        ec = asio::error::operation_aborted;
    else
        co_await transport_->write(bytes, ec);
    if (ec) co_return failure(ec);
    co_return Result<void>();
}

asio::awaitable<Result<void>> Connection::advance(ReplyParser& parser)
{
    error_code ec;
    if (buffer_.size() == 0 || starved_) {
        const auto room = buffer_.prepare(read_bytes_);
        const std::span<char> space(static_cast<char*>(room.data()), room.size());
        std::size_t n = 0;
        if (closed_)
            ec = asio::error::operation_aborted;
        else
            n = co_await transport_->read_some(space, ec);
        buffer_.commit(n);
        if (n == read_bytes_) read_bytes_ = most_read_bytes;
        if (n > 0) answered_ = true;
        if (ec == asio::error::eof && parser.got_some()) {
            ec.clear();
            parser.put_eof(ec);
            if (!ec) co_return Result<void>();
        }
        if (ec) co_return failure(ec);
    }
    buffer_.consume(parser.put(buffer_.data(), ec));
    starved_ = ec == http::error::need_more;
    if (ec && !starved_) co_return failure(ec);
    if (starved_ && buffer_.size() > max_unparsed_bytes) co_return failure(http::error::header_limit);
    co_return Result<void>();
}

asio::awaitable<Result<std::size_t>> Connection::read_some(std::span<char> bytes)
{
    if (closed_) co_return std::size_t{0};
    if (buffer_.size() > 0) {
        const std::size_t n = std::min(bytes.size(), buffer_.size());
        std::memcpy(bytes.data(), buffer_.data().data(), n);
        buffer_.consume(n);
        co_return n;
    }
    error_code ec;
    const std::size_t n = co_await transport_->read_some(bytes, ec);
    if (ec == asio::error::eof || (ec && closed_ && !timed_out_)) co_return std::size_t{0};
    if (ec) co_return failure(ec);
    co_return n;
}

void Connection::close()
{
    closed_ = true;
    timer_.cancel();
    transport_->close();
}

Error Connection::failure(const error_code& ec) const
{
    if (timed_out_) return Error(Errc::deadline_exceeded, "docker: no answer in time", "docker info");
    if (ec == asio::error::operation_aborted) return Error(Errc::cancelled, "docker: cancelled");
    if (ec == http::error::body_limit) return Error(Errc::too_large, "docker: the reply is larger than allowed");
    if (ec == asio::error::eof || ec == http::error::partial_message || ec == http::error::end_of_stream)
        return Error(Errc::unavailable, "docker: the engine closed the connection before its reply was whole",
                     "docker info");
    if (ec.category() == http::make_error_code(http::error::bad_version).category())
        return Error(Errc::unavailable, fmt::format("docker: the reply is not HTTP: {}", ec.message()), "docker info");
    if (ec.category() == asio::error::get_ssl_category())
        return Error(Errc::unavailable, fmt::format("docker: TLS: {}", ec.message()), tls_hint);
    return Error(Errc::unavailable, fmt::format("docker: {}", ec.message()), "docker info");
}

}  // namespace sbx::docker
