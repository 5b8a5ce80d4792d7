#include "core/sandbox/kernel_turn.hpp"

#include "unit/sandbox/relayed.hpp"

#include <boost/asio/co_spawn.hpp>

using namespace sbx::wire;
using namespace std::chrono_literals;
using sbx::Errc;
using sbx::KernelTurn;
using test::frame;
using test::Kept;

namespace {

using Clock = std::chrono::steady_clock;
using Come = std::optional<sbx::Result<void>>;

/// Somebody who talks to the keeper over a link of his own.
struct Caller {
    explicit Caller(Kept& kept_)
        : kept(kept_),
          link(kept.io.get_executor(), sbx::AgentLink::Upkeep::pings),
          relay(std::make_unique<sbx::Relay>(kept.link, kept.life, kept.turns, "t"))
    {
        link.owner().hello();
        link.owner().claim({.token = "t"});
        exchange();
    }
    /// Everything that is on its way to and fro arrives, and whoever waits for it goes on.
    void exchange()
    {
        CHECK(relay->feed(link.owner().take_outgoing()) == nullptr);
        std::string answers;
        relay->take_outgoing(answers);
        CHECK(link.feed(answers));
        link.flush();
        kept.io.restart();
        kept.io.poll();
    }
    StreamId attach()
    {
        const StreamId stream = link.owner().attach({.process = 1});
        exchange();
        return stream;
    }

    Kept& kept;
    sbx::AgentLink link;
    std::unique_ptr<sbx::Relay> relay;
};

constexpr bool never_unwanted = false;

/// Waits for a turn; `come` is set when that is over.
void await_turn(Kept& kept, KernelTurn& turn, Come& come, std::optional<Clock::time_point> until = std::nullopt,
                const bool& unwanted = never_unwanted)
{
    boost::asio::co_spawn(kept.io, turn.come(until, unwanted),
                          [&come](const std::exception_ptr&, sbx::Result<void> result) { come = std::move(result); });
    kept.io.restart();
    kept.io.poll();
}

bool is_refused(Caller& caller, KernelTurn& turn)
{
    std::optional<bool> refused;
    boost::asio::co_spawn(caller.kept.io, turn.give_back(),
                          [&refused](const std::exception_ptr&, bool result) { refused = result; });
    caller.kept.io.restart();
    caller.kept.io.poll();
    caller.exchange();
    REQUIRE(refused);
    return *refused;
}

}  // namespace

TEST_CASE("callers at a keeper's links and in its own process stand in one line")
{
    Kept kept;
    Caller near(kept);
    Caller far(kept);
    Come first;
    Come second;
    Come third;
    auto one = std::make_unique<KernelTurn>(near.link, "k", 0);
    await_turn(kept, *one, first);
    CHECK_FALSE(first);
    near.exchange();
    REQUIRE((first && *first));
    auto two = std::make_unique<KernelTurn>(kept.link, kept.turns, "k", kept.turns.new_client());
    await_turn(kept, *two, second);
    KernelTurn three(far.link, "k", 0);
    await_turn(kept, three, third);
    far.exchange();
    CHECK_FALSE(second);
    one.reset();
    near.exchange();
    REQUIRE((second && *second));
    CHECK_FALSE(third);
    two.reset();
    far.exchange();
    REQUIRE((third && *third));
}

TEST_CASE("whoever waits for a turn waits no longer than he wants to")
{
    Kept kept;
    Caller caller(kept);
    const KernelTurn held(kept.link, kept.turns, "k", 1);
    Come come;
    KernelTurn turn(caller.link, "k", 0);
    await_turn(kept, turn, come, Clock::now());
    REQUIRE((come && !*come));
    CHECK(come->error().code == Errc::deadline_exceeded);
}

TEST_CASE("a turn that nobody wants any more is not waited for")
{
    Kept kept;
    Caller caller(kept);
    const KernelTurn held(kept.link, kept.turns, "k", 1);
    Come come;
    bool unwanted = false;
    KernelTurn turn(caller.link, "k", 0);
    await_turn(kept, turn, come, std::nullopt, unwanted);
    CHECK_FALSE(come);
    unwanted = true;
    caller.link.changed().notify_all();
    kept.io.restart();
    kept.io.poll();
    REQUIRE((come && !*come));
    CHECK(come->error().code == Errc::cancelled);
}

TEST_CASE("a keeper that gives no turns is told from one that has gone")
{
    Kept kept;
    sbx::AgentLink link(kept.io.get_executor(), sbx::AgentLink::Upkeep::pings);
    link.owner().hello();
    const bool speaks = GENERATE(false, true);
    const std::string build = GENERATE(as<std::string>(), "", "9");
    if (speaks) CHECK(link.feed(frame(Type::hello, 0, Hello{.build = build})));
    Come come;
    KernelTurn turn(link, "k", 0);
    await_turn(kept, turn, come);
    CHECK_FALSE(come);
    link.close();
    kept.io.restart();
    kept.io.poll();
    REQUIRE((come && !*come));
    CHECK(come->error().code == Errc::unavailable);
    const bool is_known = speaks && !build.empty();
    CHECK((come->error().message.find("older") == std::string::npos) == is_known);
}

TEST_CASE("a turn that cannot be had is an error of whoever asks for it")
{
    Kept kept;
    Caller caller(kept);
    Come come;
    KernelTurn turn(caller.link, "no name", 0);
    await_turn(kept, turn, come);
    caller.exchange();
    REQUIRE((come && !*come));
    CHECK(come->error().code == Errc::invalid_argument);
    Come own;
    KernelTurn near(kept.link, kept.turns, "no name", 1);
    await_turn(kept, near, own);
    REQUIRE((own && !*own));
    CHECK(own->error().code == Errc::invalid_argument);
}

TEST_CASE("a turn that is presumed is there at once, and wrong only where others had theirs")
{
    Kept kept;
    Caller caller(kept);
    const StreamId stream = caller.attach();
    {
        const KernelTurn first(caller.link, "k", 0);
        caller.exchange();
    }
    caller.exchange();
    for (int i = 0; i < 2; ++i) {
        Come come;
        KernelTurn next(caller.link, "k", stream);
        await_turn(kept, next, come);
        REQUIRE((come && *come));
        CHECK(next.is_presumed());
        CHECK_FALSE(is_refused(caller, next));
    }
    {
        const KernelTurn another(kept.link, kept.turns, "k", kept.turns.new_client());
    }
    Come come;
    KernelTurn last(caller.link, "k", stream);
    await_turn(kept, last, come);
    REQUIRE((come && *come));
    CHECK(is_refused(caller, last));
}
