#pragma once

#include "daemon/http/exchange.hpp"

#include <algorithm>
#include <functional>

namespace sbx::daemon {

/// An exchange whose body was read already, whose answer somebody wants to see, and whose client never goes away: what
/// it asked for is wanted even then.
class RecordedExchange final : public Exchange {
   public:
    /// @param of    outlives this
    /// @param tell  is given an answer that is there as a whole before it is written
    RecordedExchange(Exchange& of, std::string body, std::function<void(const Response&)> tell)
        : of_(of), body_(std::move(body)), tell_(std::move(tell))
    {
    }

    const RequestHead& head() const override { return of_.head(); }
    asio::awaitable<Result<std::string>> body(std::size_t limit) override
    {
        if (body_.size() > limit) co_return Error(Errc::too_large, "the body is too large");
        co_return body_;
    }
    asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) override
    {
        const std::size_t n = std::min(into.size(), body_.size() - read_);
        std::copy_n(body_.data() + read_, n, into.data());
        read_ += n;
        co_return n;
    }
    void allow_pauses() override { of_.allow_pauses(); }
    asio::awaitable<void> respond(Response response) override
    {
        tell_(response);
        return of_.respond(std::move(response));
    }
    asio::awaitable<Result<void>> begin(Response head) override { return of_.begin(std::move(head)); }
    asio::awaitable<Result<void>> write(std::span<const char> bytes) override { return of_.write(bytes); }
    asio::awaitable<Result<void>> finish() override { return of_.finish(); }
    asio::awaitable<Result<std::unique_ptr<Channel>>> switch_protocols(std::string protocol, Headers headers) override
    {
        return of_.switch_protocols(std::move(protocol), std::move(headers));
    }
    asio::awaitable<Result<std::unique_ptr<WebSocket>>> accept_web_socket() override { return of_.accept_web_socket(); }
    void cut() override { of_.cut(); }
    void watch() override {}
    bool is_gone() const override { return false; }
    Condition& gone() override { return of_.gone(); }
    void note(std::string_view route, std::string key) override { of_.note(route, std::move(key)); }

   private:
    Exchange& of_;
    std::string body_;
    std::size_t read_ = 0;
    std::function<void(const Response&)> tell_;
};

}  // namespace sbx::daemon
