#include "core/sandbox/agent_link.hpp"

#include "catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

using sbx::Errc;
using sbx::Error;
using sbx::Result;

namespace {

namespace asio = boost::asio;

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
