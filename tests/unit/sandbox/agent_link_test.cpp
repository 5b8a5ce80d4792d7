#include "core/sandbox/agent_link.hpp"

#include "catch.hpp"
#include "unit/wire/told.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

using sbx::Errc;
using sbx::Error;
using sbx::Result;

namespace {

namespace asio = boost::asio;
namespace wire = sbx::wire;
using namespace std::chrono_literals;

/// A stream that ends with an error at once.
class BrokenChannel : public sbx::Channel {
   public:
    explicit BrokenChannel(Error error) : error_(std::move(error)) {}

    asio::awaitable<Result<std::size_t>> read_some(std::span<char> /*into*/) override { co_return error_; }
    asio::awaitable<Result<void>> write(std::span<const char> /*bytes*/) override { co_return error_; }
    void close() override {}

   private:
    Error error_;
};

/// An agent that answers what it is asked and says nothing else.
class QuietAgent : public sbx::Channel, private wire::FrameSink {
   public:
    QuietAgent(const asio::any_io_executor& executor, std::function<void()> pinged)
        : changed_(executor), pinged_(std::move(pinged))
    {
    }

    asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) override
    {
        while (answers_.empty() && !closed_) co_await changed_.wait(std::nullopt);
        const std::size_t count = answers_.copy(into.data(), into.size());
        answers_.erase(0, count);
        co_return count;
    }
    asio::awaitable<Result<void>> write(std::span<const char> bytes) override
    {
        CHECK(decoder_.feed(bytes, *this) == nullptr);
        changed_.notify_all();
        co_return Result<void>();
    }
    void close() override
    {
        closed_ = true;
        changed_.notify_all();
    }

   private:
    const char* on_control(const wire::Header& header, std::string_view json) override
    {
        if (header.type == wire::Type::hello) answers_ += test::frame(wire::Type::hello, 0, wire::Hello{});
        if (header.type != wire::Type::ping) return nullptr;
        wire::append_frame(answers_, wire::Type::pong, 0, 0, json);
        pinged_();
        return nullptr;
    }
    const char* on_bytes(const wire::Header& /*header*/, std::span<const char> /*piece*/) override { return nullptr; }

    sbx::Condition changed_;
    std::function<void()> pinged_;
    wire::Decoder decoder_{wire::Direction::to_agent};
    std::string answers_;
    bool closed_ = false;
};

}  // namespace

TEST_CASE("a stream that breaks its own form is a fault, one that was cut off is the engine's loss")
{
    const auto code = GENERATE(Errc::internal, Errc::unavailable);
    asio::io_context context;
    sbx::AgentLink link(context.get_executor());
    asio::co_spawn(context, link.serve(std::make_unique<BrokenChannel>(Error(code, "docker: broken"))), asio::detached);
    context.run();
    CHECK(link.is_over());
    CHECK(link.fault().has_value() == (code == Errc::internal));
}

TEST_CASE("a link over which nothing is said keeps pinging")
{
    using Upkeep = sbx::AgentLink::Upkeep;
    const auto upkeep = GENERATE(Upkeep::lease, Upkeep::pings, Upkeep::watch);
    asio::io_context context;
    sbx::AgentLink link(context.get_executor(), upkeep, 1ms);
    int pings = 0;
    const auto pinged = [&] {
        if (++pings == 5) link.close();
    };
    link.owner().hello();
    auto agent = std::make_unique<QuietAgent>(context.get_executor(), pinged);
    asio::co_spawn(context, link.serve(std::move(agent)), asio::detached);
    context.run_for(10s);  // it ends with the fifth
    CHECK(pings == 5);
    CHECK_FALSE(link.fault());
}
