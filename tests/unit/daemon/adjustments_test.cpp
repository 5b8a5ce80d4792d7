#include "catch.hpp"
#include "temp_directory.hpp"

#include "daemon/adjustments/adjustments.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>

using namespace std::chrono_literals;
using namespace sbx::daemon;
using sbx::AdjustmentState;
using sbx::Errc;
using sbx::Store;

namespace asio = boost::asio;

namespace {

/// Nobody is there.
Backend away()
{
    Backend backend;
    backend.url = *sbx::parse_http_url("URL", "http://127.0.0.1:1");
    return backend;
}

AdjustmentBounds quick()
{
    AdjustmentBounds bounds;
    bounds.pauses = {0ms, 1ms, 1ms};
    bounds.first_pause = 1ms;
    bounds.longest_pause = 4ms;
    return bounds;
}

AdjustmentOrder order(std::string processor = "p")
{
    AdjustmentOrder made;
    made.owner = "key";
    made.processor = std::move(processor);
    made.adjustments = {{"x", 1}};
    return made;
}

std::unique_ptr<Store> open(const std::filesystem::path& state)
{
    auto store = Store::open(state, {});
    REQUIRE(store);
    return std::move(*store);
}

/// A daemon's part that adjusts, and its store.
struct Part {
    explicit Part(AdjustmentBounds bounds) : adjustments(context.get_executor(), *store, log, away(), std::move(bounds))
    {
    }

    /// Others of its tasks may go on.
    template <class T>
    T await(asio::awaitable<T> work)
    {
        std::optional<T> value;
        asio::co_spawn(context, std::move(work), [&](const std::exception_ptr& thrown, T result) {
            REQUIRE_FALSE(thrown);
            value.emplace(std::move(result));
        });
        context.restart();
        while (!value) context.run_one();
        return std::move(*value);
    }

    auto accept(std::string processor = "p") { return await(adjustments.accept(order(std::move(processor)))); }
    auto find(const std::string& id) { return await(adjustments.find(id, "key")); }
    void serve(Adjustments& which) { asio::co_spawn(context, which.serve(), asio::detached); }
    /// Nothing of it goes on afterwards.
    void close(Adjustments& which)
    {
        asio::co_spawn(context, which.close(), asio::detached);
        context.restart();
        context.run();
    }

    test::TempDirectory state;
    std::unique_ptr<Store> store = open(state.path());
    EventLog log{-1};
    asio::io_context context;
    Adjustments adjustments;
};

}  // namespace

TEST_CASE("what cannot be delivered is kept after as many attempts as its client waits for")
{
    Part part(quick());
    const auto kept = part.accept();
    REQUIRE(kept);
    CHECK(kept->adjustment.state == AdjustmentState::pending);
    CHECK(kept->adjustment.attempts == 3);
    CHECK(kept->reason == "Connection refused");
    CHECK(part.adjustments.pending() == 1);
    CHECK(part.await(part.adjustments.find(kept->adjustment.id, "another")).error().code == Errc::not_found);
}

TEST_CASE("no more are accepted than may be pending")
{
    AdjustmentBounds bounds = quick();
    bounds.most_pending = 2;
    Part part(bounds);
    REQUIRE(part.accept("p"));
    REQUIRE(part.accept("q"));
    CHECK(part.accept("r").error().code == Errc::resource_exhausted);
    CHECK(part.adjustments.pending() == 2);
}

TEST_CASE("one behind others is not attempted before them, and says why they wait")
{
    Part part(quick());
    const auto first = part.accept();
    const auto second = part.accept();
    REQUIRE(second);
    CHECK(second->adjustment.attempts == 0);
    CHECK(second->reason == "Connection refused");
    CHECK(part.find(first->adjustment.id)->attempts == 6);
}

TEST_CASE("what is pending is attempted again and again, and given up when it is too old")
{
    AdjustmentBounds bounds = quick();
    bounds.age = 300ms;
    Part part(bounds);
    const auto kept = part.accept();
    REQUIRE(kept);
    part.serve(part.adjustments);
    part.context.restart();
    while (part.adjustments.pending() > 0) part.context.run_one();
    const auto given_up = part.find(kept->adjustment.id);
    part.close(part.adjustments);
    REQUIRE(given_up);
    CHECK(given_up->state == AdjustmentState::refused);
    CHECK(given_up->attempts > 4);
    CHECK(given_up->last_error == "it could not be delivered in time: Connection refused");
    CHECK(given_up->ended);
}

TEST_CASE("another daemon on the same store goes on with what is pending, and attempts nothing once it is closed")
{
    Part part(quick());
    const auto kept = part.accept();
    REQUIRE(kept);
    Adjustments next(part.context.get_executor(), *part.store, part.log, away(), quick());
    part.serve(next);
    const auto attempts = [&] { return part.find(kept->adjustment.id)->attempts; };
    while (attempts() < 5) part.context.run_one();
    part.close(next);
    CHECK(next.pending() == 1);
    const auto before = attempts();
    part.context.restart();
    part.context.run_for(20ms);
    CHECK(attempts() == before);
}
