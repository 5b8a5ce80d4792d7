#include "core/net/connector.hpp"

#include "catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>

using namespace sbx;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// Answers what it was told to, another time something else: a name that is rebound between check and use.
class ChangingResolver : public Resolver {
   public:
    explicit ChangingResolver(std::vector<std::vector<const char*>> answers) : answers_(std::move(answers)) {}

    asio::awaitable<Result<std::vector<asio::ip::address>>> resolve(std::string /*name*/) override
    {
        std::vector<asio::ip::address> found;
        for (const char* text : answers_.at(std::min(questions++, answers_.size() - 1)))
            found.push_back(asio::ip::make_address(text));
        if (found.empty()) co_return Error(Errc::not_found, "there is no such name");
        co_return found;
    }

    std::size_t questions = 0;

   private:
    std::vector<std::vector<const char*>> answers_;
};

class SilentResolver : public Resolver {
   public:
    asio::awaitable<Result<std::vector<asio::ip::address>>> resolve(std::string /*name*/) override
    {
        asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        co_await never.async_wait(asio::use_awaitable);
        co_return Error(Errc::internal, "unreachable");
    }
};

Error failure_of(Resolver& resolver, std::string host, AddressRules rules = {})
{
    asio::io_context io;
    Connector connector(resolver, std::move(rules), 50ms);
    std::optional<Result<OutsideSocket>> result;
    asio::co_spawn(io, connector.connect(std::move(host), 1),
                   [&](const std::exception_ptr& thrown, Result<OutsideSocket> value) {
                       REQUIRE_FALSE(thrown);
                       result.emplace(std::move(value));
                   });
    io.run();
    REQUIRE(result);
    REQUIRE_FALSE(*result);
    return result->error();
}

}  // namespace

TEST_CASE("a name whose addresses are all refused is never connected to")
{
    ChangingResolver resolver({{"10.0.0.1", "::ffff:127.0.0.1"}, {"8.8.8.8"}});
    const Error error = failure_of(resolver, "rebound.example");
    CHECK(error.code == Errc::permission_denied);
    CHECK(error.message == "rebound.example is at 10.0.0.1, a private address");
    CHECK(resolver.questions == 1);
}

TEST_CASE("a name is asked for once: a later answer is never seen")
{
    ChangingResolver resolver({{"127.0.0.9"}, {"127.0.0.1"}});
    const AddressRules rules({*parse_address_range("egress.permit", "127.0.0.9")});
    // Nothing listens there; connecting to it is tried all the same, and to nothing else.
    const Error error = failure_of(resolver, "rebound.example", rules);
    CHECK(error.code == Errc::unavailable);
    CHECK(resolver.questions == 1);
}

TEST_CASE("an address is checked without a resolver")
{
    ChangingResolver resolver({{"8.8.8.8"}});
    CHECK(failure_of(resolver, "169.254.169.254").message == "169.254.169.254 is a metadata address");
    CHECK(failure_of(resolver, "::1").code == Errc::permission_denied);
    CHECK(resolver.questions == 0);
}

TEST_CASE("a name that does not exist is told as such")
{
    ChangingResolver resolver({std::vector<const char*>()});
    CHECK(failure_of(resolver, "missing.example").code == Errc::not_found);
}

TEST_CASE("a resolver that never answers costs no more than the time for a connection")
{
    SilentResolver resolver;
    const auto begin = std::chrono::steady_clock::now();
    CHECK(failure_of(resolver, "slow.example").code == Errc::deadline_exceeded);
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
}
