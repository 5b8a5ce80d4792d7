#include "daemon/ports/proxied_exchange.hpp"

#include "daemon/http/framing.hpp"
#include "daemon/ports/forwarded_answer.hpp"

#include <fmt/format.h>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/beast/http/write.hpp>

#include <exception>
#include <sstream>

namespace sbx::daemon {
namespace {

constexpr std::size_t piece_bytes = std::size_t{64} << 10;
/// What is read over of a body that the program did not want, to keep the connection.
constexpr std::size_t most_unwanted_bytes = std::size_t{256} << 10;
constexpr auto time_to_take_the_rest = std::chrono::milliseconds(500);
constexpr unsigned bad_gateway = 502;
constexpr unsigned switching = 101;

bool has_body(const http::fields& fields)
{
    return fields.count(http::field::transfer_encoding) > 0 || fields.count(http::field::content_length) > 0;
}

bool is_chunked(const http::fields& fields)
{
    return fields.count(http::field::transfer_encoding) > 0;
}

std::string as_text(const http::request_header<>& request)
{
    std::ostringstream text;
    text << request;
    return text.str();
}

}  // namespace

ProxiedExchange::ProxiedExchange(Exchange& exchange, AgentLink& link, PortRoute route, PortPatience patience)
    : exchange_(exchange),
      link_(link),
      route_(std::move(route)),
      patience_(patience),
      stream_(link, route_.name.port),
      reader_(exchange.head().method == http::verb::head, route_.upgrades),
      piece_(piece_bytes, '\0'),
      allowed_(patience.connect)
{
}

asio::awaitable<void> ProxiedExchange::run()
{
    using namespace asio::experimental::awaitable_operators;
    std::exception_ptr thrown;
    const auto work = [&]() -> asio::awaitable<void> {
        try {
            co_await converse();
        } catch (...) {
            thrown = std::current_exception();
        }
        is_over_ = true;
        stream_.close();
        end_watches();
    };
    co_await (work() && watch_program() && watch_client());
    if (thrown) std::rethrow_exception(thrown);
}

void ProxiedExchange::end_watches()
{
    link_.life().notify_all();
    exchange_.gone().notify_all();
}

/// Ends it when nothing happens for too long, and with the sandbox.
asio::awaitable<void> ProxiedExchange::watch_program()
{
    while (!is_over_ && !why_closed_) {
        const auto end = stream_.last_moved() + allowed_;
        if (link_.is_over())
            why_closed_ = Error(Errc::unavailable, "the sandbox has ended");
        else if (PortStream::Clock::now() >= end)
            why_closed_ =
                Error(Errc::deadline_exceeded, fmt::format("port {} of the sandbox does not answer", route_.name.port));
        else
            co_await link_.life().wait(end);
    }
    stream_.close();
    // A client that does not read must not hold up the end of its sandbox.
    const auto patience_is_over = PortStream::Clock::now() + time_to_take_the_rest;
    while (!is_over_ && PortStream::Clock::now() < patience_is_over) co_await link_.life().wait(patience_is_over);
    if (!is_over_) exchange_.cut();
}

/// Ends it when the client goes. While a body is read, that tells it.
asio::awaitable<void> ProxiedExchange::watch_client()
{
    while (!is_over_ && !is_switched_ && !exchange_.is_gone()) co_await exchange_.gone().wait(std::nullopt);
    if (!is_switched_) stream_.close();
}

asio::awaitable<void> ProxiedExchange::converse()
{
    using namespace asio::experimental::awaitable_operators;
    const Result<void> begun = co_await begin();
    if (!begun) {
        co_await refuse(begun.error());
        co_return;
    }
    co_await (send_body() && answer());
    if (is_switched_) co_await switch_protocols();
}

asio::awaitable<Result<void>> ProxiedExchange::begin()
{
    const Result<void> opened = co_await stream_.open();
    if (!opened && opened.error().code == Errc::not_found)
        co_return Error(Errc::unavailable, fmt::format("nothing listens on port {} of the sandbox", route_.name.port),
                        "start a server there that listens on 127.0.0.1 or 0.0.0.0, and try again");
    if (!opened) co_return opened.error();
    allowed_ = patience_.head;
    const std::string head = as_text(forwarded_request(exchange_.head(), route_));
    co_return co_await stream_.write(head);
}

/// Reads the client's body to its end, also where the program does not want it.
asio::awaitable<void> ProxiedExchange::send_body()
{
    exchange_.allow_pauses();
    const bool chunked = is_chunked(exchange_.head().fields);
    std::string piece(has_body(exchange_.head().fields) ? piece_bytes : 0, '\0');
    std::size_t unwanted = 0;
    bool goes_on = !piece.empty();
    while (goes_on) {
        const Result<std::size_t> count = co_await exchange_.read_some(piece);
        if (!count) {
            if (!why_closed_) why_closed_ = count.error();
            stream_.close();
            co_return;
        }
        const std::span<const char> bytes(piece.data(), *count);
        Result<void> sent = {};
        if (!is_answered_ && (chunked || *count > 0)) sent = co_await send_piece(bytes);
        if (is_answered_ || !sent) unwanted += *count;
        goes_on = *count > 0 && unwanted <= most_unwanted_bytes;
    }
    if (!is_answered_ && !is_switched_) exchange_.watch();
}

/// An empty one ends chunks.
asio::awaitable<Result<void>> ProxiedExchange::send_piece(std::span<const char> bytes)
{
    if (!is_chunked(exchange_.head().fields)) co_return co_await stream_.write(bytes);
    std::string chunk = fmt::format("{:x}\r\n", bytes.size());
    chunk.append(bytes.data(), bytes.size()).append("\r\n");
    co_return co_await stream_.write(chunk);
}

asio::awaitable<void> ProxiedExchange::answer()
{
    const Result<void> known = co_await await_head();
    if (!known)
        co_await refuse(known.error());
    else if (reader_.status() == switching)
        is_switched_ = true;
    else
        co_await pass_answer();
    is_answered_ = true;
    if (!is_switched_) stream_.close();
}

asio::awaitable<Result<void>> ProxiedExchange::await_head()
{
    for (;;) {
        const Result<bool> known = reader_.read_head();
        if (!known) co_return known.error();
        if (*known) break;
        const Result<void> fed = co_await feed();
        if (!fed) co_return fed.error();
    }
    const std::string_view protocol = reader_.fields()[http::field::upgrade];
    const bool is_asked_for =
        reader_.status() != switching || lists(exchange_.head().fields, http::field::upgrade, protocol);
    if (!is_asked_for) co_return Error(Errc::unavailable, "the program switches to a protocol that nobody asked for");
    co_return Result<void>();
}

/// Reads more of the program's answer.
asio::awaitable<Result<void>> ProxiedExchange::feed()
{
    const Result<std::size_t> count = co_await stream_.read_some(piece_);
    if (!count) co_return count.error();
    if (*count == 0)
        reader_.feed_end();
    else
        reader_.feed(std::string_view(piece_.data(), *count));
    co_return Result<void>();
}

asio::awaitable<void> ProxiedExchange::pass_answer()
{
    allowed_ = patience_.stream;
    Response head(reader_.status(), "", "");
    head.headers = forwarded_answer(reader_.fields(), route_);
    head.is_passed_on = true;
    if (const auto length = reader_.length()) head.headers.emplace_back("Content-Length", std::to_string(*length));
    Result<void> passed = co_await exchange_.begin(std::move(head));
    std::string body(piece_bytes, '\0');
    while (passed && !reader_.is_done()) {
        const Result<std::size_t> count = reader_.read_body(body);
        if (!count)
            passed = count.error();
        else if (*count > 0)
            passed = co_await exchange_.write(std::span<const char>(body).first(*count));
        else if (!reader_.is_done())
            passed = co_await feed();
    }
    if (passed) passed = co_await exchange_.finish();
}

/// A failure that is the program's is a 502: the daemon itself is well.
asio::awaitable<void> ProxiedExchange::refuse(Error error)
{
    if (why_closed_) error = *why_closed_;
    Response refused = errors_.answer(error, exchange_.head().id);
    if (error.code == Errc::unavailable) refused.status = bad_gateway;
    co_await exchange_.respond(std::move(refused));
}

asio::awaitable<void> ProxiedExchange::switch_protocols()
{
    using namespace asio::experimental::awaitable_operators;
    end_watches();  // the client's end is seen by whoever reads from it
    allowed_ = patience_.stream;
    std::string protocol(reader_.fields()[http::field::upgrade]);
    Headers headers = forwarded_answer(reader_.fields(), route_);
    Result<std::unique_ptr<Channel>> client =
        co_await exchange_.switch_protocols(std::move(protocol), std::move(headers));
    if (!client) co_return;
    co_await (carry_in(**client) && carry_out(**client));
}

asio::awaitable<void> ProxiedExchange::carry_in(Channel& client)
{
    std::string piece(piece_bytes, '\0');
    bool goes_on = true;
    while (goes_on) {
        const Result<std::size_t> count = co_await client.read_some(piece);
        goes_on = count && *count > 0;
        if (!goes_on) break;
        const Result<void> sent = co_await stream_.write(std::span<const char>(piece).first(*count));
        goes_on = sent.has_value();
    }
    stream_.close();
}

asio::awaitable<void> ProxiedExchange::carry_out(Channel& client)
{
    Result<void> passed = co_await client.write(reader_.rest());
    while (passed) {
        const Result<std::size_t> count = co_await stream_.read_some(piece_);
        if (!count || *count == 0) break;
        passed = co_await client.write(std::span<const char>(piece_).first(*count));
    }
    stream_.close();
    client.close();
}

}  // namespace sbx::daemon
