#include "core/store/store.hpp"

#include "catch.hpp"
#include "run_async.hpp"
#include "temp_directory.hpp"

#include <fmt/format.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include <fstream>
#include <functional>
#include <thread>

using sbx::Errc;
using sbx::ExecutionState;
using sbx::Store;
using sbx::StoredExecution;
using sbx::StoreHealth;
using sbx::StoreOptions;

namespace asio = boost::asio;

namespace {

StoredExecution numbered(int n)
{
    StoredExecution execution;
    execution.id = fmt::format("{:032x}", n);
    execution.owner = "0123abcd";
    execution.state = ExecutionState::running;
    execution.created = sbx::record_time();
    return execution;
}

/// Small disks of test machines are not what is looked for here.
StoreOptions options()
{
    StoreOptions chosen;
    chosen.reserved_disk_bytes = 0;
    return chosen;
}

std::unique_ptr<Store> open(const std::filesystem::path& state, const StoreOptions& chosen = options())
{
    auto store = Store::open(state, chosen);
    REQUIRE(store);
    return std::move(*store);
}

sbx::Database open_elsewhere(const std::filesystem::path& state)
{
    return std::move(sbx::open_store_file(sbx::store_path(state), sbx::Unsound::refuse, 0)->database);
}

asio::awaitable<int> add_many(Store& store, int first, int count)
{
    const std::thread::id here = std::this_thread::get_id();
    int bad = 0;
    for (int n = first; n < first + count; ++n) {
        StoredExecution execution = numbered(n);
        const sbx::Result<void> added = co_await store.add_execution(execution);
        execution.state = ExecutionState::ended;
        std::function<StoredExecution()> describe = [execution] { return execution; };
        asio::co_spawn(co_await asio::this_coro::executor, store.end_execution(std::move(describe), false),
                       asio::detached);
        const auto found = co_await store.find_execution(execution.id, execution.owner);
        if (!added || !found || *found != execution || std::this_thread::get_id() != here) ++bad;
    }
    co_return bad;
}

}  // namespace

TEST_CASE("many tasks use the store at once, each on its own thread again afterwards")
{
    const test::TempDirectory state;
    const auto store = open(state.path());
    asio::io_context context;
    int bad = 0;
    int finished = 0;
    for (int task = 0; task < 8; ++task)
        asio::co_spawn(context, add_many(*store, task * 100, 50), [&](std::exception_ptr thrown, int count) {
            bad += thrown ? 1 : count;
            ++finished;
        });
    context.run();
    CHECK(finished == 8);
    CHECK(bad == 0);
    CHECK(*test::run_async(context, store->count_executions({})) == 400);
}

TEST_CASE("executions that end together are written together, and before the store is closed")
{
    const test::TempDirectory state;
    asio::io_context context;
    StoredExecution large = numbered(2);
    large.record.assign(sbx::ExecutionLog::most_record_bytes + 1, 'x');
    {
        const auto store = open(state.path());
        int described = 0;
        for (const StoredExecution& ended : {numbered(1), large, numbered(3), numbered(1)}) {
            std::function<StoredExecution()> describe = [&described, ended] { return ++described, ended; };
            asio::co_spawn(context, store->end_execution(std::move(describe), true), asio::detached);
        }
        context.poll();
        CHECK(described == 0);
        SECTION("after a moment")
        {
            context.run();
            CHECK(described == 4);
        }
        SECTION("when they are asked for") CHECK(*test::run_async(context, store->count_executions({})) == 2);
        SECTION("when the store is closed")
        {
            store->close();
            CHECK(described == 4);
        }
    }
    const auto again = open(state.path());
    asio::io_context later;  // whoever waits in the other one does so in vain: his store is gone
    CHECK(*test::run_async(later, again->count_executions({})) == 2);  // the large one and the second of a name fail
}

TEST_CASE("a second daemon on the same directory is refused until the first is gone")
{
    const test::TempDirectory state;
    auto store = open(state.path());
    const auto second = Store::open(state.path(), options());
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::conflict);
    CHECK(second.error().message.find(fmt::format("process {}", ::getpid())) != std::string::npos);
    store.reset();
    CHECK(Store::open(state.path(), options()));
    CHECK(Store::open("", options()).error().code == Errc::unavailable);
}

TEST_CASE("what was under way when a daemon ended is lost for the next")
{
    const test::TempDirectory state;
    asio::io_context context;
    {
        const auto store = open(state.path());
        REQUIRE(test::run_async(context, store->add_execution(numbered(1))));
    }
    const auto store = open(state.path());
    CHECK(store->report().lost_executions == 1);
    CHECK_FALSE(store->report().set_aside);
    const auto found = test::run_async(context, store->find_execution(numbered(1).id, std::nullopt));
    REQUIRE(found);
    CHECK(found->reason == sbx::Reason::lost);
}

TEST_CASE("a damaged store is set aside, and the daemon asks for keys")
{
    const test::TempDirectory state;
    open(state.path()).reset();
    std::filesystem::resize_file(sbx::store_path(state.path()), 5000);
    const auto store = open(state.path());
    REQUIRE(store->report().set_aside);
    CHECK(store->requires_key());
}

TEST_CASE("a store that is closed refuses, and one that closes finishes what was begun")
{
    const test::TempDirectory state;
    const auto store = open(state.path());
    asio::io_context context;
    int done = 0;
    for (int n = 0; n < 100; ++n)
        asio::co_spawn(context, store->add_execution(numbered(n)), [&](std::exception_ptr, sbx::Result<void> added) {
            if (added) ++done;
        });
    context.poll();
    store->close();
    context.run();
    CHECK(done == 100);
    const auto refused = test::run_async(context, store->add_execution(numbered(100)));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::unavailable);
    CHECK(*open_elsewhere(state.path()).number("SELECT count(*) FROM executions") == 100);
}

TEST_CASE("a task that is cancelled meanwhile has its write done, and comes back on its own thread")
{
    const test::TempDirectory state;
    const auto store = open(state.path());
    asio::io_context context;
    constexpr int tasks = 200;
    std::vector<asio::cancellation_signal> signals(tasks);
    int finished = 0;
    for (int n = 0; n < tasks; ++n)
        asio::co_spawn(context, add_many(*store, n * 10, 3),
                       asio::bind_cancellation_slot(signals[static_cast<std::size_t>(n)].slot(),
                                                    [&](std::exception_ptr, int) { ++finished; }));
    context.run_one();
    while (context.poll_one() != 0) {
    }
    for (asio::cancellation_signal& signal : signals) signal.emit(asio::cancellation_type::terminal);
    context.run();
    CHECK(finished == tasks);
    CHECK(*test::run_async(context, store->count_executions({})) >= 1);
}

TEST_CASE("a full store refuses, says that it is full, and recovers by forgetting")
{
    const test::TempDirectory state;
    StoreOptions small = options();
    small.most_file_bytes = std::uint64_t{1} << 20;
    small.executions.total_bytes = std::uint64_t{256} << 10;
    const auto store = open(state.path(), small);
    asio::io_context context;
    sbx::Result<void> added;
    for (int n = 0; n < 100 && added; ++n) {
        StoredExecution execution = numbered(n);
        execution.state = ExecutionState::ended;
        execution.record.assign(50'000, 'x');
        added = test::run_async(context, store->add_execution(execution));
    }
    REQUIRE_FALSE(added);
    CHECK(added.error().code == Errc::unavailable);
    CHECK(store->health() == StoreHealth::full);
    CHECK(test::run_async(context, store->find_execution(numbered(0).id, std::nullopt)));
    CHECK(test::run_async(context, store->prune()));
    CHECK(store->health() == StoreHealth::good);
    CHECK(test::run_async(context, store->check_space()));
    CHECK(test::run_async(context, store->add_execution(numbered(1000))));
}

TEST_CASE("a disk with too little room is full before a write fails")
{
    const test::TempDirectory state;
    StoreOptions greedy;
    greedy.reserved_disk_bytes = std::uint64_t{1} << 62;
    const auto store = open(state.path(), greedy);
    asio::io_context context;
    const auto space = test::run_async(context, store->check_space());
    REQUIRE_FALSE(space);
    CHECK(space.error().code == Errc::unavailable);
    CHECK(store->health() == StoreHealth::full);
    CHECK(test::run_async(context, store->add_execution(numbered(1))));
}

TEST_CASE("keys are found, and what this daemon changes of them counts at once")
{
    const test::TempDirectory state;
    const auto store = open(state.path());
    asio::io_context context;
    CHECK_FALSE(store->requires_key());
    CHECK_FALSE(test::run_async(context, store->find_key("sbx_x")));
    const auto made = test::run_async(context, store->create_key("ci", {}));
    REQUIRE(made);
    CHECK(store->requires_key());
    const auto found = test::run_async(context, store->find_key(made->secret));
    REQUIRE(found);
    CHECK(found->id == made->key.id);
    REQUIRE(test::run_async(context, store->flush()));
    REQUIRE(test::run_async(context, store->reload_keys()));
    CHECK(store->keys().keys().front().last_used);
    REQUIRE(test::run_async(context, store->revoke_key("ci")));
    CHECK_FALSE(test::run_async(context, store->find_key(made->secret)));
    CHECK(test::run_async(context, store->revoke_key("ci")).error().code == Errc::not_found);
}

TEST_CASE("what another process changes of the keys counts once they are looked at again")
{
    const test::TempDirectory state;
    const auto store = open(state.path());
    asio::io_context context;
    sbx::Database elsewhere = open_elsewhere(state.path());
    sbx::KeyTable table(elsewhere);
    const auto made = table.create("", {}, sbx::record_time());
    REQUIRE(test::run_async(context, store->reload_keys()));
    CHECK(test::run_async(context, store->find_key(made->secret)));
    REQUIRE(table.revoke(made->key.id, sbx::record_time()));
    REQUIRE(test::run_async(context, store->reload_keys()));
    CHECK_FALSE(test::run_async(context, store->find_key(made->secret)));
    CHECK(store->requires_key());
}
