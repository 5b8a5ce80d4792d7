#include "core/net/resolver.hpp"

#include "catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>

using namespace sbx;
namespace asio = boost::asio;

namespace {

asio::awaitable<void> ask_many_times(SystemResolver& resolver, unsigned& good)
{
    for (unsigned asked = 0; asked < 5'000; ++asked) {
        const auto found = co_await resolver.resolve("localhost");
        if (found && !found->empty()) ++good;
    }
}

}  // namespace

TEST_CASE("a name that is asked for again and again is found every time")
{
    asio::io_context io;
    SystemResolver resolver;
    unsigned good = 0;
    for (int asker = 0; asker < 3; ++asker)
        asio::co_spawn(io, ask_many_times(resolver, good),
                       [](const std::exception_ptr& thrown) { REQUIRE_FALSE(thrown); });
    io.run();
    CHECK(good == 15'000);
}

TEST_CASE("a name that does not exist is told from one that cannot be asked for")
{
    asio::io_context io;
    SystemResolver resolver;
    std::optional<Errc> code;
    asio::co_spawn(io, resolver.resolve("no such name"), [&](const std::exception_ptr& thrown, auto found) {
        REQUIRE_FALSE(thrown);
        if (!found) code = found.error().code;
    });
    io.run();
    CHECK(code == Errc::not_found);
}
