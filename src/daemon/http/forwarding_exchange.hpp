#pragma once

#include "daemon/http/exchange.hpp"

#include <utility>

namespace sbx::daemon {

/// An exchange that is another one, but for what a class below this does otherwise.
class ForwardingExchange : public Exchange {
   public:
    /// @param of  outlives this
    explicit ForwardingExchange(Exchange& of) : of_(of) {}

    const RequestHead& head() const override { return of_.head(); }
    asio::awaitable<Result<std::string>> body(std::size_t limit) override { return of_.body(limit); }
    asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) override { return of_.read_some(into); }
    void allow_pauses() override { of_.allow_pauses(); }
    asio::awaitable<void> respond(Response response) override { return of_.respond(std::move(response)); }
    asio::awaitable<Result<void>> begin(Response head) override { return of_.begin(std::move(head)); }
    asio::awaitable<Result<void>> write(std::span<const char> bytes) override { return of_.write(bytes); }
    asio::awaitable<Result<void>> finish() override { return of_.finish(); }
    asio::awaitable<Result<std::unique_ptr<Channel>>> switch_protocols(std::string protocol, Headers headers) override
    {
        return of_.switch_protocols(std::move(protocol), std::move(headers));
    }
    asio::awaitable<Result<std::unique_ptr<WebSocket>>> accept_web_socket() override { return of_.accept_web_socket(); }
    void close_after() override { of_.close_after(); }
    void cut() override { of_.cut(); }
    void watch() override { of_.watch(); }
    bool is_gone() const override { return of_.is_gone(); }
    Condition& gone() override { return of_.gone(); }
    void note(std::string_view route, std::string key) override { of_.note(route, std::move(key)); }

   private:
    Exchange& of_;
};

}  // namespace sbx::daemon
