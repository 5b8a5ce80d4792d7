#include "daemon/http/http_exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace sbx::daemon {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;
constexpr std::size_t piece_bytes = std::size_t{64} << 10;
/// What is read over of a body that nobody wanted, to keep the connection.
constexpr std::size_t most_unread_bytes = std::size_t{256} << 10;

}  // namespace

asio::awaitable<Result<std::string>> HttpExchange::body(std::size_t limit)
{
    const Error too_large(Errc::too_large, fmt::format("the body is longer than {} bytes", limit));
    if (decoder_.expected() > limit) co_return too_large;
    std::string whole;
    while (!decoder_.is_done()) {
        const std::size_t have = whole.size();
        // A byte more than allowed shows that there is more.
        const std::size_t most = limit - have < piece_bytes ? limit - have + 1 : piece_bytes;
        const std::uint64_t likely = framing_.chunked ? piece_bytes : decoder_.expected();
        whole.resize(have + std::min<std::uint64_t>(most, likely));
        const std::span<char> room(whole.data() + have, whole.size() - have);
        const Result<std::size_t> n = co_await read_some(room);
        if (!n) co_return n.error();
        whole.resize(have + *n);
        if (whole.size() > limit) co_return too_large;
    }
    co_return whole;
}

asio::awaitable<Result<std::size_t>> HttpExchange::read_some(std::span<char> into)
{
    if (body_failed_) co_return *body_failed_;
    if (decoder_.is_done() || into.empty()) co_return std::size_t{0};
    if (framing_.expects_continue && !invited_) co_await invite_body();
    // Only the time that the client takes counts, not what is done with its bytes in between.
    const auto started = Connection::Clock::now();
    const HttpLimits& limits = connection_->server().limits;
    const auto in_all = limits.body_time + std::chrono::seconds(body_read_ / mebibyte);
    connection_->read_by(allows_pauses_ ? started + limits.idle_time : started + (in_all - body_waited_));
    const Result<std::size_t> n = co_await read_piece(into);
    connection_->read_by(Connection::TimePoint::max());
    body_waited_ += Connection::Clock::now() - started;
    if (n)
        body_read_ += *n;
    else
        body_failed_ = n.error();
    co_return n;
}

asio::awaitable<Result<std::size_t>> HttpExchange::read_piece(std::span<char> into)
{
    if (framing_.chunked) co_return co_await read_chunked(into);
    const std::span<char> room = into.first(std::min<std::uint64_t>(into.size(), decoder_.expected()));
    const std::size_t n = co_await connection_->read_some(room);
    if (n == 0) co_return body_failure();
    decoder_.next(std::string_view(room.data(), n), n);
    co_return n;
}

asio::awaitable<Result<std::size_t>> HttpExchange::read_chunked(std::span<char> into)
{
    for (;;) {
        const std::string_view bytes = connection_->buffered();
        const BodyDecoder::Step step = decoder_.next(bytes, into.size());
        std::memcpy(into.data(), bytes.data() + step.framing, step.data);
        connection_->consume(step.framing + step.data);
        if (decoder_.is_malformed()) co_return Error(Errc::invalid_argument, "the body's chunks are malformed");
        if (step.data > 0 || decoder_.is_done()) co_return step.data;
        const bool has_more = co_await connection_->fill();
        if (!has_more) co_return body_failure();
    }
}

asio::awaitable<void> HttpExchange::invite_body()
{
    static constexpr std::string_view invitation = "HTTP/1.1 100 Continue\r\n\r\n";
    invited_ = true;
    if (!connection_->buffered().empty()) co_return;  // it did not wait
    Pieces pieces{asio::buffer(invitation)};
    co_await connection_->write(pieces);
}

Error HttpExchange::body_failure()
{
    if (connection_->read_timed_out()) return Error(Errc::deadline_exceeded, "the body comes too slowly");
    return Error(Errc::invalid_argument, "the body is cut");
}

asio::awaitable<bool> HttpExchange::end()
{
    if (!keep_alive_ || answer_ != Answer::complete) co_return false;
    std::string unwanted;
    std::size_t left = most_unread_bytes;
    while (!decoder_.is_done()) {
        unwanted.resize(piece_bytes);
        const Result<std::size_t> n = co_await read_some(unwanted);
        if (!n || *n > left) co_return false;
        left -= *n;
    }
    co_return true;
}

/// Whether the answer may say so: what is left of the body must be little, and must be coming.
bool HttpExchange::can_keep_alive(std::uint64_t unread) const
{
    const bool is_coming = decoder_.is_done() || !framing_.expects_continue || invited_;
    return keep_alive_ && !connection_->server().stopping && !body_failed_ && is_coming &&
           unread <= most_unread_bytes && !connection_->is_gone();
}

}  // namespace sbx::daemon
