#pragma once

#include "daemon/http/forwarding_exchange.hpp"

#include <algorithm>
#include <functional>

namespace sbx::daemon {

/// An exchange whose body was read already, whose answer somebody wants to see, and whose client never goes away: what
/// it asked for is wanted even then.
class RecordedExchange final : public ForwardingExchange {
   public:
    /// @param of    outlives this
    /// @param tell  is given an answer that is there as a whole before it is written
    RecordedExchange(Exchange& of, std::string body, std::function<void(const Response&)> tell)
        : ForwardingExchange(of), body_(std::move(body)), tell_(std::move(tell))
    {
    }

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
    asio::awaitable<void> respond(Response response) override
    {
        tell_(response);
        return ForwardingExchange::respond(std::move(response));
    }
    void watch() override {}
    bool is_gone() const override { return false; }

   private:
    std::string body_;
    std::size_t read_ = 0;
    std::function<void(const Response&)> tell_;
};

}  // namespace sbx::daemon
