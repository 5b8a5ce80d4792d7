#include "daemon/api/request_json.hpp"
#include "daemon/dialects/colima/colima.hpp"
#include "daemon/http/web_socket.hpp"
#include "daemon/sandboxes/process_feed.hpp"
#include "daemon/sandboxes/socket_place.hpp"
#include "sbx/utf8.hpp"

#include <fmt/format.h>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <array>

namespace sbx::daemon::colima {
using nlohmann::ordered_json;

struct StreamOfColima {
    std::string sandbox_id;
    std::uint64_t pid = 0;
};
BOOST_DESCRIBE_STRUCT(StreamOfColima, (), (sandbox_id, pid))

namespace {

constexpr std::uint16_t normal_closure = 1000;
constexpr int lost_exit = 125;

constexpr const char* description =
    "A WebSocket. Messages of the server are JSON texts: `stdout` and `stderr` with `data`, then `exit` with `code`, "
    "or "
    "`error` with `message`. First comes what is kept of the output, then what is written, as it is written.";

WebSocketMessage error_message(const std::string& what)
{
    const ordered_json message{{"type", "error"}, {"message", what}};
    return {true, dump(message)};
}

WebSocketMessage output_message(OutputStream stream, const std::string& text)
{
    const ordered_json message{{"type", stream == OutputStream::out ? "stdout" : "stderr"}, {"data", text}};
    return {true, dump(message)};
}

/// The beginning of a character whose rest has not come yet, of each stream.
class BegunCharacters {
   public:
    /// @return whole characters
    std::string add(const ProcessFeed::Piece& piece)
    {
        std::string& begun = of(piece.stream);
        std::string text = std::exchange(begun, {}) + piece.bytes;
        const std::size_t rest = unfinished_character(text);
        begun = text.substr(text.size() - rest);
        text.resize(text.size() - rest);
        return text;
    }
    std::string& of(OutputStream stream) { return begun_.at(stream == OutputStream::out ? 0 : 1); }

   private:
    std::array<std::string, 2> begun_;
};

/// One WebSocket that follows a program.
class Follower {
   public:
    Follower(WebSocket& socket, std::shared_ptr<ProcessFeed> feed)
        : socket_(socket), feed_(std::move(feed)), reader_(feed_)
    {
    }

    /// Until the program's end, or the client's. @return whether the client is still there
    asio::awaitable<bool> tell_output();
    asio::awaitable<void> listen();
    const std::optional<Result<RunResult>>& end() const { return feed_->end(); }

   private:
    asio::awaitable<bool> tell(OutputStream stream, const std::string& text);

    WebSocket& socket_;
    std::shared_ptr<ProcessFeed> feed_;
    ProcessFeed::Reader reader_;
    bool is_gone_ = false;
};

asio::awaitable<bool> Follower::tell_output()
{
    BegunCharacters begun;
    std::optional<ProcessFeed::Piece> piece = co_await reader_.next(is_gone_);
    while (piece) {
        const std::string text = begun.add(*piece);
        const bool told = co_await tell(piece->stream, text);
        if (!told) co_return false;
        piece = co_await reader_.next(is_gone_);
    }
    for (const OutputStream stream : {OutputStream::out, OutputStream::err}) {
        const bool told = co_await tell(stream, begun.of(stream));
        if (!told) co_return false;
    }
    co_return !is_gone_;
}

asio::awaitable<bool> Follower::tell(OutputStream stream, const std::string& text)
{
    if (text.empty()) co_return true;
    WebSocketMessage message = output_message(stream, text);
    const Result<void> written = co_await socket_.write(std::move(message));
    co_return written.has_value();
}

/// What clients say means nothing; but when they go is heard here.
asio::awaitable<void> Follower::listen()
{
    Result<WebSocketMessage> message = co_await socket_.read();
    while (message) message = co_await socket_.read();
    is_gone_ = true;
    feed_->notify();
}

/// Streams of commands over WebSockets.
class StreamRoute {
   public:
    StreamRoute(const Services& services, std::shared_ptr<ProcessFeeds> feeds)
        : services_(services), feeds_(std::move(feeds))
    {
    }

    asio::awaitable<void> stream(Call& call, StreamOfColima request);

   private:
    asio::awaitable<void> follow(WebSocket& socket, std::shared_ptr<Living> living, std::uint64_t pid);
    static WebSocketMessage last_message(const Result<RunResult>& end, const Living& living, std::uint64_t pid);

    Services services_;
    std::shared_ptr<ProcessFeeds> feeds_;
    ColimaErrors errors_;
};

WebSocketMessage StreamRoute::last_message(const Result<RunResult>& end, const Living& living, std::uint64_t pid)
{
    if (living.keeper == nullptr) return error_message(fmt::format("Sandbox {} not found", living.record.name));
    if (end) {
        const ordered_json message{{"type", "exit"}, {"code", end->execution.exit_code.value_or(lost_exit)}};
        return {true, dump(message)};
    }
    if (end.error().code == Errc::not_found) return error_message(fmt::format("Process {} not found", pid));
    return error_message(end.error().message);
}

asio::awaitable<void> StreamRoute::follow(WebSocket& socket, std::shared_ptr<Living> living, std::uint64_t pid)
{
    using namespace asio::experimental::awaitable_operators;
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    Follower follower(socket, feeds_->open(executor, living, pid));
    const auto tell = [&]() -> asio::awaitable<void> {
        const bool is_there = co_await follower.tell_output();
        if (is_there && follower.end()) {
            WebSocketMessage last = last_message(*follower.end(), *living, pid);
            (void)co_await socket.write(std::move(last));
        }
        co_await socket.close(normal_closure, std::string());
    };
    co_await (tell() && follower.listen());
}

asio::awaitable<void> StreamRoute::stream(Call& call, StreamOfColima request)
{
    const auto living = find_running(services_, request.sandbox_id, call.caller);
    std::optional<Result<SocketPlace>> place;
    if (living) place.emplace(SocketPlace::take(*living));
    if (place && !*place) {
        Response refused = errors_.answer(place->error(), call.exchange.head().id);
        co_await call.exchange.respond(std::move(refused));
        co_return;
    }
    const auto socket = co_await call.exchange.accept_web_socket();
    if (!socket) {  // to whom it is no WebSocket it is nothing
        Response refused = errors_.no_path(call.exchange.head());
        co_await call.exchange.respond(std::move(refused));
        co_return;
    }
    if (living) {
        co_await follow(**socket, *living, request.pid);
        co_return;
    }
    WebSocketMessage refusal = error_message(living.error().message);
    const Result<void> told = co_await (*socket)->write(std::move(refusal));
    if (told) co_await (*socket)->close(normal_closure, std::string());
}

}  // namespace

void add_stream_route(Routes& routes, const Services& services, std::shared_ptr<ProcessFeeds> feeds)
{
    const auto subject = std::make_shared<StreamRoute>(services, std::move(feeds));
    routes.add_raw<StreamOfColima>(
        http::verb::get, "/sandboxes/{sandbox_id}/commands/stream/{pid}",
        {.summary = "Follow a command in the background, by WebSocket",
         .tag = "commands",
         .description = description,
         .errors = {Errc::not_found, Errc::resource_exhausted},
         .status = 101,
         .produces = ""},
        [subject](Call& call, StreamOfColima request) { return subject->stream(call, std::move(request)); });
}

}  // namespace sbx::daemon::colima
