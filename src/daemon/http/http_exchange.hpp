#pragma once

#include "daemon/http/body_decoder.hpp"
#include "daemon/http/connection.hpp"
#include "daemon/http/exchange.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace sbx::daemon {

/// What a handler says of a request for logs.
struct RequestNote {
    std::string_view route;
    std::string key;
    bool is_passed_on = false;  ///< of the answer, as `Response` says
};

/// An Exchange over a connection of HTTP/1.1.
class HttpExchange final : public Exchange {
   public:
    HttpExchange(std::shared_ptr<Connection> connection, RequestHead head, const Framing& framing);

    const RequestHead& head() const override { return head_; }
    asio::awaitable<Result<std::string>> body(std::size_t limit) override;
    asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) override;
    void allow_pauses() override { allows_pauses_ = true; }
    asio::awaitable<void> respond(Response response) override;
    asio::awaitable<Result<void>> begin(Response head) override;
    asio::awaitable<Result<void>> write(std::span<const char> bytes) override;
    asio::awaitable<Result<void>> finish() override;
    asio::awaitable<Result<std::unique_ptr<Channel>>> switch_protocols(std::string protocol, Headers headers) override;
    asio::awaitable<Result<std::unique_ptr<WebSocket>>> accept_web_socket() override;
    void close_after() override { keep_alive_ = false; }
    void cut() override { connection_->close(); }
    void watch() override { connection_->watch(); }
    bool is_gone() const override { return connection_->is_gone(); }
    Condition& gone() override { return connection_->gone(); }
    void note(std::string_view route, std::string key) override
    {
        if (!key.empty()) connection_->vouch();
        connection_->set_caller(key);
        noted_ = {route, std::move(key), false};
    }
    const RequestNote& noted() const { return noted_; }

    /// After the handler: reads over what it left of the body.
    /// @return whether another request may follow
    asio::awaitable<bool> end();

    bool is_answered() const { return answer_ != Answer::none; }
    /// Whether the connection belongs to another protocol by now.
    bool is_given_up() const { return answer_ == Answer::given_up; }
    /// Whether the answer was begun and not finished: the client must see that.
    bool is_cut() const { return answer_ == Answer::begun; }
    unsigned status() const { return status_; }

   private:
    enum class Answer { none, begun, complete, given_up };

    asio::awaitable<Result<std::size_t>> read_piece(std::span<char> into);
    asio::awaitable<Result<std::size_t>> read_chunked(std::span<char> into);
    asio::awaitable<void> invite_body();
    Error body_failure();
    /// @param unread  what the answer leaves of the body
    bool can_keep_alive(std::uint64_t unread) const;
    bool has_no_body(unsigned status) const;

    std::shared_ptr<Connection> connection_;
    RequestHead head_;
    Framing framing_;
    BodyDecoder decoder_;
    std::optional<Error> body_failed_;
    bool invited_ = false;  ///< the body was asked for, where the client waits for that
    bool allows_pauses_ = false;
    std::uint64_t body_read_ = 0;
    std::chrono::steady_clock::duration body_waited_{0};
    Answer answer_ = Answer::none;
    bool keep_alive_;
    bool chunked_ = false;     ///< the answer
    bool drops_body_ = false;  ///< of the answer
    std::uint64_t left_ = 0;   ///< of an answer whose length was told
    unsigned status_ = 0;
    RequestNote noted_;
    std::string out_;
};

}  // namespace sbx::daemon
