#pragma once

#include "catch.hpp"
#include "daemon/api/router.hpp"
#include "daemon/http/exchange.hpp"
#include "run_async.hpp"

#include <boost/asio/io_context.hpp>

#include <optional>
#include <utility>

namespace test {

/// A request that is there already, and what was answered.
class FakeExchange : public sbx::daemon::Exchange {
   public:
    FakeExchange(boost::asio::io_context& io, sbx::daemon::http::verb method, sbx::daemon::Target target,
                 std::string body = "")
        : gone_(io.get_executor()), body_(std::move(body))
    {
        head_.method = method;
        head_.target = std::move(target);
        head_.id = "request";
        if (body_.empty()) return;
        head_.fields.set(sbx::daemon::http::field::content_type, "application/json");
        head_.fields.set(sbx::daemon::http::field::content_length, std::to_string(body_.size()));
    }

    sbx::daemon::RequestHead& change_head() { return head_; }
    std::optional<sbx::daemon::Response> answer;

    const sbx::daemon::RequestHead& head() const override { return head_; }
    boost::asio::awaitable<sbx::Result<std::string>> body(std::size_t limit) override
    {
        if (body_.size() > limit) co_return sbx::Error(sbx::Errc::too_large, "too large");
        co_return body_;
    }
    boost::asio::awaitable<sbx::Result<std::size_t>> read_some(std::span<char> /*into*/) override
    {
        co_return std::size_t{0};
    }
    void allow_pauses() override {}
    void close_after() override {}
    boost::asio::awaitable<void> respond(sbx::daemon::Response response) override
    {
        answer = std::move(response);
        co_return;
    }
    boost::asio::awaitable<sbx::Result<void>> begin(sbx::daemon::Response head) override
    {
        answer = std::move(head);
        co_return sbx::Result<void>();
    }
    boost::asio::awaitable<sbx::Result<void>> write(std::span<const char> bytes) override
    {
        answer->body.append(bytes.data(), bytes.size());
        co_return sbx::Result<void>();
    }
    boost::asio::awaitable<sbx::Result<void>> finish() override { co_return sbx::Result<void>(); }
    boost::asio::awaitable<sbx::Result<std::unique_ptr<sbx::Channel>>> switch_protocols(
        std::string /*name*/, sbx::daemon::Headers /*headers*/) override
    {
        co_return sbx::Error(sbx::Errc::not_implemented, "not here");
    }
    boost::asio::awaitable<sbx::Result<std::unique_ptr<sbx::daemon::WebSocket>>> accept_web_socket() override
    {
        co_return sbx::Error(sbx::Errc::not_implemented, "not here");
    }
    void note(std::string_view /*route*/, std::string /*key*/) override {}
    void cut() override {}
    void watch() override {}
    bool is_gone() const override { return false; }
    sbx::Condition& gone() override { return gone_; }

   private:
    sbx::daemon::RequestHead head_;
    sbx::Condition gone_;
    std::string body_;
};

/// What a router, or whatever else serves requests, answers.
template <class Server>
sbx::daemon::Response answer_of(boost::asio::io_context& io, const Server& server, FakeExchange& exchange)
{
    const auto serve = [&]() -> sbx::asio::awaitable<bool> {
        co_await server.serve(exchange);
        co_return true;
    };
    run_async(io, serve());
    REQUIRE(exchange.answer);
    return *exchange.answer;
}

}  // namespace test
