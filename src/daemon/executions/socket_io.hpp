#pragma once

#include "core/sandbox/condition.hpp"
#include "core/sandbox/program_io.hpp"
#include "core/sandbox/session_run.hpp"
#include "daemon/http/web_socket.hpp"

#include <nlohmann/json.hpp>

#include <deque>
#include <optional>
#include <string>

namespace sbx::daemon {

/// The streams of a program over a WebSocket (docs/serve.md, "Attaching to a program"): binary messages are a byte that
/// names the channel and then its bytes, text is JSON. A slow client slows the program down, a program that reads
/// nothing its client.
class SocketIo : public ProgramIo {
   public:
    /// @param socket   outlives this
    /// @param outlives whether the program is in the background: its client's end is not its own
    SocketIo(const asio::any_io_executor& executor, WebSocket& socket, bool outlives);

    asio::awaitable<Result<void>> write(OutputStream stream, std::span<const char> bytes) override;
    asio::awaitable<Result<std::size_t>> read(std::span<char> into) override;
    void stop_reading() override;
    void on_start(Phase phase) override;
    void on_background(std::uint64_t process, std::uint64_t dropped_bytes);

    /// Takes what the client says until `end`; once it has gone the program is left, or ended.
    asio::awaitable<void> listen(SessionRun& run);
    /// Tells of what happens until `end`.
    asio::awaitable<void> tell();
    /// Says the last word, closes the socket, and lets the others return.
    /// @param code  as RFC 6455, section 7.4
    asio::awaitable<void> end(nlohmann::ordered_json last, std::uint16_t code);

    /// What the client said that means nothing.
    const std::optional<Error>& wrong() const { return wrong_; }

   private:
    Result<void> take(WebSocketMessage message, SessionRun& run);
    Result<void> take_control(const std::string& text, SessionRun& run);
    void notice(nlohmann::ordered_json event);
    asio::awaitable<Result<void>> send(std::optional<WebSocketMessage> message);

    WebSocket& socket_;
    bool outlives_;
    Condition changed_;
    std::string input_;
    std::size_t taken_ = 0;           ///< of `input_`
    bool eof_ = false;                ///< the client has said so
    bool stopped_ = false;            ///< the program takes no more
    std::deque<std::string> events_;  ///< not yet told; two at most
    bool is_sending_ = false;
    bool is_gone_ = false;
    bool over_ = false;
    std::optional<Error> wrong_;
};

}  // namespace sbx::daemon
