#include "daemon/executions/socket_io.hpp"

#include "daemon/api/decode.hpp"
#include "daemon/api/request_json.hpp"
#include "daemon/api/strict_json.hpp"

#include <fmt/format.h>
#include <boost/describe/class.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

namespace sbx::daemon {

using nlohmann::ordered_json;

/// What a client says beside stdin.
struct AttachControl {
    std::string type;
    std::uint16_t columns = 80;
    std::uint16_t rows = 24;
    std::string signal;
};
BOOST_DESCRIBE_STRUCT(AttachControl, (), (type, columns, rows, signal))

namespace {

using namespace std::chrono_literals;

constexpr char stdin_channel = 0;
constexpr char stdout_channel = 1;
constexpr char stderr_channel = 2;
constexpr std::size_t most_input = std::size_t{1} << 20;  // beyond it nothing more is read of the socket
constexpr std::size_t piece_bytes = std::size_t{64} << 10;
constexpr auto stop_again = 100ms;  // a program that has not begun yet takes no signal

constexpr std::array<std::pair<std::string_view, int>, 9> signals = {{{"SIGHUP", SIGHUP},
                                                                      {"SIGINT", SIGINT},
                                                                      {"SIGQUIT", SIGQUIT},
                                                                      {"SIGKILL", SIGKILL},
                                                                      {"SIGUSR1", SIGUSR1},
                                                                      {"SIGUSR2", SIGUSR2},
                                                                      {"SIGTERM", SIGTERM},
                                                                      {"SIGCONT", SIGCONT},
                                                                      {"SIGTSTP", SIGTSTP}}};

Error malformed(const std::string& why)
{
    return Error(Errc::invalid_argument, "a message to the program: " + why, "see docs/serve.md");
}

Result<AttachControl> read_control(const std::string& text)
{
    const Result<nlohmann::json> json = parse_strict_json(text);
    if (!json) return malformed(json.error().message);
    AttachControl control;
    Decoder decoder;
    decoder.read(*json, control);
    if (!decoder.errors().empty()) return malformed(decoder.errors().front().msg);
    return control;
}

}  // namespace

SocketIo::SocketIo(const asio::any_io_executor& executor, WebSocket& socket, bool outlives)
    : socket_(socket), outlives_(outlives), changed_(executor)
{
}

// ---- to the client

void SocketIo::notice(ordered_json event)
{
    events_.push_back(dump(event));
    changed_.notify_all();
}

void SocketIo::on_start(Phase /*phase*/)
{
    if (outlives_) return;  // `on_background` says more
    notice({{"type", "start"}});
}

void SocketIo::on_background(std::uint64_t process, std::uint64_t dropped_bytes)
{
    notice({{"type", "start"}, {"process", process}, {"dropped_bytes", dropped_bytes}});
}

/// What has happened goes before the message.
asio::awaitable<Result<void>> SocketIo::send(std::optional<WebSocketMessage> message)
{
    while (is_sending_) co_await changed_.wait(std::nullopt);
    is_sending_ = true;
    Result<void> written;
    while (written && !events_.empty()) {
        WebSocketMessage event(true, std::move(events_.front()));
        events_.pop_front();
        written = co_await socket_.write(std::move(event));
    }
    if (written && message) written = co_await socket_.write(std::move(*message));
    is_sending_ = false;
    changed_.notify_all();
    co_return written;
}

asio::awaitable<Result<void>> SocketIo::write(OutputStream stream, std::span<const char> bytes)
{
    const char channel = stream == OutputStream::out ? stdout_channel : stderr_channel;
    Result<void> sent;
    while (sent && !bytes.empty()) {
        const auto piece = bytes.first(std::min(bytes.size(), piece_bytes));
        bytes = bytes.subspan(piece.size());
        std::optional<WebSocketMessage> message(std::in_place, false, std::string(1, channel));
        message->bytes.append(piece.data(), piece.size());
        sent = co_await send(std::move(message));
    }
    if (!sent && outlives_) co_return Result<void>();  // `listen` leaves it
    co_return sent;
}

asio::awaitable<void> SocketIo::tell()
{
    bool told = true;
    while (!over_ && told) {
        if (events_.empty()) {
            co_await changed_.wait(std::nullopt);
            continue;
        }
        std::optional<WebSocketMessage> nothing;
        const Result<void> sent = co_await send(std::move(nothing));
        told = sent.has_value();
    }
}

asio::awaitable<void> SocketIo::end(ordered_json last, std::uint16_t code)
{
    over_ = true;
    changed_.notify_all();
    std::optional<WebSocketMessage> message(std::in_place, true, dump(last));
    const Result<void> sent = co_await send(std::move(message));
    if (sent) co_await socket_.close(code, std::string());
}

// ---- from the client

Result<void> SocketIo::take_control(const std::string& text, SessionRun& run)
{
    const Result<AttachControl> control = read_control(text);
    if (!control) return control.error();
    if (control->type == "eof") {
        eof_ = true;
        return {};
    }
    if (control->type == "resize") {
        if (control->columns == 0 || control->rows == 0) return malformed("a terminal has columns and rows");
        TerminalSize size;
        size.columns = control->columns;
        size.rows = control->rows;
        run.resize(size);
        return {};
    }
    if (control->type != "signal") return malformed("its type is resize, signal or eof");
    const auto* const known = std::ranges::find(signals, control->signal, &std::pair<std::string_view, int>::first);
    if (known == signals.end()) return malformed("no such signal: SIGINT, SIGTERM, SIGKILL, …");
    run.pass_signal(known->second);
    return {};
}

Result<void> SocketIo::take(WebSocketMessage message, SessionRun& run)
{
    if (message.is_text) return take_control(message.bytes, run);
    if (message.bytes.empty() || message.bytes.front() != stdin_channel)
        return malformed("the first byte of a binary one is the channel, 0 for stdin");
    if (eof_) return malformed("stdin has ended");
    input_.erase(0, std::exchange(taken_, 0));
    input_.append(message.bytes, 1);
    return {};
}

asio::awaitable<void> SocketIo::listen(SessionRun& run)
{
    while (!wrong_ && !is_gone_) {
        Result<WebSocketMessage> message = co_await socket_.read();
        if (over_) co_return;
        if (!message) {
            is_gone_ = true;
            if (message.error().code == Errc::invalid_argument) wrong_ = message.error();
        } else if (const Result<void> taken = take(std::move(*message), run); !taken) {
            wrong_ = taken.error();
        }
        changed_.notify_all();
        while (input_.size() - taken_ >= most_input && !over_) co_await changed_.wait(std::nullopt);
    }
    while (!over_) {
        if (outlives_)
            run.leave();
        else
            run.signal(SIGTERM);  // the second one kills
        co_await changed_.wait(std::chrono::steady_clock::now() + stop_again);
    }
}

asio::awaitable<Result<std::size_t>> SocketIo::read(std::span<char> into)
{
    while (taken_ == input_.size() && !eof_ && !stopped_) co_await changed_.wait(std::nullopt);
    const std::size_t size = std::min(into.size(), input_.size() - taken_);
    std::copy_n(input_.begin() + static_cast<std::ptrdiff_t>(taken_), size, into.begin());
    taken_ += size;
    changed_.notify_all();
    co_return size;
}

void SocketIo::stop_reading()
{
    stopped_ = true;
    changed_.notify_all();
}

}  // namespace sbx::daemon
