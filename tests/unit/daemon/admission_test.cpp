#include "catch.hpp"

#include "daemon/executions/admission.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace {

using sbx::daemon::Admission;
namespace asio = boost::asio;

/// Works as long as its test lets it.
struct Worker {
    std::optional<sbx::Result<Admission::Place>> place;
    asio::cancellation_signal cancel;
};

struct Doors {
    explicit Doors(sbx::daemon::AdmissionBounds bounds) : admission(io.get_executor(), bounds) {}
    /// Nobody waits any more when the admission goes.
    ~Doors()
    {
        for (const auto& worker : workers) worker->cancel.emit(asio::cancellation_type::terminal);
        settle();
        for (const auto& worker : workers) worker->place.reset();
    }
    Doors(const Doors&) = delete;
    Doors& operator=(const Doors&) = delete;

    std::shared_ptr<Worker> enter(const std::string& key, std::optional<std::size_t> most = std::nullopt)
    {
        auto worker = std::make_shared<Worker>();
        auto entered = [worker](const std::exception_ptr& thrown, sbx::Result<Admission::Place> place) {
            if (!thrown) worker->place.emplace(std::move(place));
        };
        asio::co_spawn(io, admission.enter(key, most), asio::bind_cancellation_slot(worker->cancel.slot(), entered));
        workers.push_back(worker);
        settle();
        return worker;
    }
    void settle()
    {
        io.restart();
        io.poll();
    }
    void leave(const std::shared_ptr<Worker>& worker)
    {
        worker->place.reset();
        settle();
    }

    asio::io_context io{1};
    Admission admission;
    std::vector<std::shared_ptr<Worker>> workers;
};

bool works(const std::shared_ptr<Worker>& worker)
{
    return worker->place && *worker->place;
}

}  // namespace

TEST_CASE("so many work at once, and the next one when one leaves")
{
    Doors doors({.total = 2, .per_key = 2, .waiting_per_key = 8});
    const auto a = doors.enter("k");
    const auto b = doors.enter("k");
    const auto c = doors.enter("k");
    CHECK(works(a));
    CHECK(works(b));
    CHECK_FALSE(c->place);
    doors.leave(a);
    CHECK(works(c));
    CHECK(doors.admission.working() == 2);
}

TEST_CASE("who floods waits behind himself")
{
    Doors doors({.total = 2, .per_key = 2, .waiting_per_key = 8});
    const auto first = doors.enter("flood");
    const auto second = doors.enter("flood");
    const auto third = doors.enter("flood");
    const auto fourth = doors.enter("flood");
    const auto other = doors.enter("other");
    doors.leave(first);
    CHECK(works(other));
    CHECK_FALSE(third->place);
    doors.leave(second);
    CHECK(works(third));
    CHECK_FALSE(fourth->place);
}

TEST_CASE("one key has no more than its share")
{
    Doors doors({.total = 8, .per_key = 1, .waiting_per_key = 8});
    const auto first = doors.enter("a");
    const auto second = doors.enter("a");
    const auto other = doors.enter("b");
    CHECK_FALSE(second->place);
    CHECK(works(other));
    doors.leave(first);
    CHECK(works(second));
}

TEST_CASE("a key may have a share of its own")
{
    Doors doors({.total = 8, .per_key = 2, .waiting_per_key = 8});
    const auto one = doors.enter("small", 1);
    const auto two = doors.enter("small", 1);
    CHECK(works(one));
    CHECK_FALSE(two->place);
    CHECK_FALSE(doors.admission.has_room("small", 1));
    doors.leave(one);
    CHECK(works(two));
    CHECK(works(doors.enter("large", 3)));
    CHECK(works(doors.enter("large", 3)));
    CHECK(works(doors.enter("large", 3)));
    CHECK_FALSE(doors.enter("large", 3)->place);
    const auto none = doors.enter("none", 0);
    REQUIRE(none->place);
    CHECK(none->place->error().code == sbx::Errc::resource_exhausted);
    CHECK_FALSE(doors.admission.has_room("none", 0));
}

TEST_CASE("a queue has an end")
{
    Doors doors({.total = 1, .per_key = 1, .waiting_per_key = 1});
    const auto first = doors.enter("a");
    const auto second = doors.enter("a");
    const auto third = doors.enter("a");
    REQUIRE(third->place);
    CHECK(third->place->error().code == sbx::Errc::resource_exhausted);
    CHECK(doors.admission.waiting() == 1);
}

TEST_CASE("who gives up waiting leaves no trace")
{
    Doors doors({.total = 1, .per_key = 1, .waiting_per_key = 8});
    const auto first = doors.enter("a");
    const auto second = doors.enter("a");
    const auto third = doors.enter("a");
    second->cancel.emit(asio::cancellation_type::terminal);
    doors.settle();
    CHECK(doors.admission.waiting() == 1);
    doors.leave(first);
    CHECK(works(third));
    CHECK(doors.admission.working() == 1);
    doors.leave(third);
    CHECK(doors.admission.working() == 0);
}
