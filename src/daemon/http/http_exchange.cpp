#include "daemon/http/http_exchange.hpp"

#include "daemon/http/accept_web_socket.hpp"
#include "daemon/http/answer_head.hpp"
#include "daemon/http/connection_channel.hpp"
#include "daemon/http/cross_origin.hpp"

#include <fmt/format.h>

#include <array>

namespace sbx::daemon {
namespace {

/// A body up to this is copied behind its head: one write for both.
constexpr std::size_t small_bytes = std::size_t{16} << 10;

Error client_gone()
{
    return Error(Errc::cancelled, "the client has gone");
}

asio::const_buffer as_buffer(std::string_view bytes)
{
    return asio::buffer(bytes.data(), bytes.size());
}

}  // namespace

HttpExchange::HttpExchange(std::shared_ptr<Connection> connection, RequestHead head, const Framing& framing)
    : connection_(std::move(connection)),
      head_(std::move(head)),
      framing_(framing),
      decoder_(framing, connection_->server().limits.chunk_line_bytes),
      keep_alive_(framing.keep_alive)
{
}

bool HttpExchange::has_no_body(unsigned status) const
{
    return head_.method == http::verb::head || is_bodiless(status);
}

asio::awaitable<void> HttpExchange::respond(Response response)
{
    if (answer_ != Answer::none) co_return;
    answer_ = Answer::complete;
    status_ = response.status;
    keep_alive_ = can_keep_alive(decoder_.expected());
    AnswerFraming framing;
    framing.keep_alive = keep_alive_;
    framing.length = response.body.size();
    if (!is_bodiless(response.status)) framing.kind = AnswerFraming::Kind::length;
    allow_reading(response, connection_->site().rules, head_);
    out_.clear();
    write_head(out_, response, framing, head_.id, connection_->server().date.now());
    Pieces pieces{};
    const bool has_body = !has_no_body(response.status);
    if (has_body && response.body.size() <= small_bytes)
        out_ += response.body;
    else if (has_body)
        pieces[1] = as_buffer(response.body);
    pieces[0] = as_buffer(out_);
    const bool written = co_await connection_->write(pieces);
    if (!written) keep_alive_ = false;
}

asio::awaitable<Result<void>> HttpExchange::begin(Response head)
{
    if (answer_ != Answer::none) co_return Error(Errc::internal, "the request is answered already");
    answer_ = Answer::begun;
    status_ = head.status;
    noted_.is_passed_on = head.is_passed_on;
    keep_alive_ = can_keep_alive(0);  // the rest may still be read
    drops_body_ = has_no_body(head.status);
    const std::optional<std::uint64_t> length = declared_length(head);
    chunked_ = !length;
    left_ = length.value_or(0);
    AnswerFraming framing;
    framing.keep_alive = keep_alive_;
    framing.length = left_;
    if (!is_bodiless(head.status)) framing.kind = length ? AnswerFraming::Kind::length : AnswerFraming::Kind::chunked;
    allow_reading(head, connection_->site().rules, head_);
    out_.clear();
    write_head(out_, head, framing, head_.id, connection_->server().date.now());
    Pieces pieces{as_buffer(out_)};
    const bool written = co_await connection_->write(pieces);
    if (!written) co_return client_gone();
    co_return Result<void>();
}

asio::awaitable<Result<void>> HttpExchange::write(std::span<const char> bytes)
{
    if (answer_ != Answer::begun) co_return Error(Errc::internal, "no answer has begun");
    if (connection_->is_gone()) co_return client_gone();
    if (bytes.empty() || drops_body_) co_return Result<void>();
    std::array<char, 24> line;
    Pieces pieces{};
    pieces[1] = asio::buffer(bytes.data(), bytes.size());
    if (chunked_) {
        const auto line_end = fmt::format_to(line.data(), "{:x}\r\n", bytes.size());
        pieces[0] = asio::buffer(line.data(), static_cast<std::size_t>(line_end - line.data()));
        pieces[2] = asio::buffer("\r\n", 2);
    } else if (bytes.size() > left_) {
        co_return Error(Errc::internal, "the answer is longer than was told");
    } else {
        left_ -= bytes.size();
    }
    const bool written = co_await connection_->write(pieces);
    if (!written) co_return client_gone();
    co_return Result<void>();
}

asio::awaitable<Result<void>> HttpExchange::finish()
{
    if (answer_ != Answer::begun) co_return Error(Errc::internal, "no answer has begun");
    if (connection_->is_gone()) co_return client_gone();
    if (!drops_body_ && left_ > 0) co_return Error(Errc::internal, "the answer is shorter than was told");
    answer_ = Answer::complete;
    if (drops_body_ || !chunked_) co_return Result<void>();
    Pieces pieces{};
    pieces[0] = asio::buffer("0\r\n\r\n", 5);
    const bool written = co_await connection_->write(pieces);
    if (!written) co_return client_gone();
    co_return Result<void>();
}

asio::awaitable<Result<std::unique_ptr<Channel>>> HttpExchange::switch_protocols(std::string protocol, Headers headers)
{
    if (answer_ != Answer::none) co_return Error(Errc::internal, "the request is answered already");
    co_await connection_->stop_watching();
    answer_ = Answer::given_up;
    status_ = 101;
    out_.clear();
    write_switch(out_, protocol, headers, head_.id);
    Pieces pieces{as_buffer(out_)};
    const bool written = co_await connection_->write(pieces);
    if (!written) co_return client_gone();
    co_return make_channel(connection_);
}

asio::awaitable<Result<std::unique_ptr<WebSocket>>> HttpExchange::accept_web_socket()
{
    if (answer_ != Answer::none) co_return Error(Errc::internal, "the request is answered already");
    if (const std::optional<Error> wrong = check_upgrade(head_)) co_return *wrong;
    if (!connection_->buffered().empty())
        co_return Error(Errc::invalid_argument, "a WebSocket's client speaks after the answer");
    co_await connection_->stop_watching();
    answer_ = Answer::given_up;
    status_ = 101;
    co_return co_await daemon::accept_web_socket(connection_, head_);
}

}  // namespace sbx::daemon
