#pragma once

#include "core/sandbox/port_stream.hpp"
#include "daemon/api/error_shape.hpp"
#include "daemon/http/exchange.hpp"
#include "daemon/ports/answer_reader.hpp"
#include "daemon/ports/forwarded_request.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace sbx::daemon {

/// How long nothing may happen.
struct PortPatience {
    std::chrono::seconds connect{12};  ///< the agent gives up after ten
    std::chrono::seconds head{60};     ///< until the program answers
    std::chrono::seconds stream{600};  ///< from then on
};

/// Passes one request on to a port of a sandbox, and its answer back, at the pace of the slowest; after 101 both speak
/// what they like.
class ProxiedExchange {
   public:
    /// @param exchange, link  outlive this
    ProxiedExchange(Exchange& exchange, AgentLink& link, PortRoute route, PortPatience patience);
    ProxiedExchange(const ProxiedExchange&) = delete;
    ProxiedExchange& operator=(const ProxiedExchange&) = delete;

    /// Answers the request. The connection to the program is closed afterwards, also when the client goes.
    asio::awaitable<void> run();

   private:
    asio::awaitable<void> converse();
    asio::awaitable<void> watch_program();
    asio::awaitable<void> watch_client();
    void end_watches();

    asio::awaitable<Result<void>> begin();
    asio::awaitable<void> send_body();
    asio::awaitable<Result<void>> send_piece(std::span<const char> bytes);
    asio::awaitable<void> answer();
    asio::awaitable<Result<void>> await_head();
    asio::awaitable<Result<void>> feed();
    asio::awaitable<void> pass_answer();
    asio::awaitable<void> refuse(Error error);

    asio::awaitable<void> switch_protocols();
    asio::awaitable<void> carry_in(Channel& client);
    asio::awaitable<void> carry_out(Channel& client);

    Exchange& exchange_;
    AgentLink& link_;
    PortRoute route_;
    PortPatience patience_;
    NativeErrors errors_;
    PortStream stream_;
    AnswerReader reader_;
    std::string piece_;
    std::chrono::seconds allowed_;
    std::optional<Error> why_closed_;  ///< by this
    bool is_answered_ = false;
    bool is_switched_ = false;
    bool is_over_ = false;
};

}  // namespace sbx::daemon
