#include "core/sandbox/egress_gate.hpp"

#include "catch.hpp"
#include "unit/wire/told.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

using namespace sbx;
using namespace sbx::wire;
using test::frame;

namespace {

/// An agent whose programs may reach something.
struct Gated {
    explicit Gated(std::vector<EgressRule> rules)
        : link(io.get_executor()), gate(link, EgressList(std::move(rules)), AddressRules())
    {
        link.owner().hello();
        gate.announce();
        announced = link.owner().take_outgoing();
        REQUIRE(link.feed(frame(Type::hello, 0, Hello{})));
    }

    /// What the agent is answered, as one text.
    std::string answer(const std::string& bytes)
    {
        REQUIRE(link.feed(bytes));
        io.restart();
        io.run();
        return link.owner().take_outgoing();
    }
    std::string ask(StreamId id, const std::string& host, std::uint32_t port)
    {
        return answer(frame(Type::proxy, id, Proxy{host, port}));
    }

    boost::asio::io_context io;
    AgentLink link;
    EgressGate gate;
    std::string announced;
};

bool says(const std::string& bytes, const std::string& words)
{
    return bytes.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("the agent is told names with their ports, and of proxies only where they are needed")
{
    CHECK(
        says(Gated({{"a.example", 80}, {"a.example", 443}, {"b.example", 22}}).announced,
             R"({"names":[{"host":"a.example","ports":[80,443]},{"host":"b.example","ports":[22]}],"proxies":false})"));
    CHECK(says(Gated({{"*.example", 80}, {"192.0.2.1", 80}}).announced, R"({"names":[],"proxies":true})"));
    CHECK(says(Gated({{"a.example", 0}}).announced,
               R"({"names":[{"host":"a.example","ports":[80,443]}],"proxies":true})"));
    CHECK_FALSE(says(Gated({}).announced, "names"));
}

TEST_CASE("what the agent asks for is held against the list, whatever it was told")
{
    Gated gated({{"a.example", 80}});
    const auto [host, port, why] = GENERATE(table<std::string, std::uint32_t, const char*>({
        {"b.example", 80, "b.example:80: not allowed"},
        {"a.example", 81, "a.example:81: not allowed"},
        {"x.a.example", 80, "x.a.example:80: not allowed"},
        {"10.0.0.1", 80, "10.0.0.1:80: not allowed"},
        {"a.example/", 80, "a.example/:80: not the name of a host, nor an address"},
        {"a\n.example", 80, "a\\\\x0a.example:80: not the name of a host, nor an address"},
    }));
    const std::string answer = gated.ask(2, host, port);
    CHECK(says(answer, R"("code":"denied")"));
    CHECK(says(answer, why));
    REQUIRE(gated.gate.attempts().all().size() == 1);
    CHECK(gated.gate.attempts().all().front().verdict == Verdict::refused);
}

TEST_CASE("an allowed address is refused for what it is, and the stream ends with the agent's word")
{
    Gated gated({{"*", 0}});
    CHECK(says(gated.ask(2, "10.0.0.1", 80), "10.0.0.1 is a private address"));
    CHECK(says(gated.ask(4, "::FFFF:127.0.0.1", 80), "::ffff:127.0.0.1 is an IPv4 address in IPv6"));
    CHECK(gated.answer(frame(Type::close, 2, Nothing{}) + frame(Type::close, 4, Nothing{})).empty());
    CHECK(gated.gate.attempts().all().size() == 2);
}

TEST_CASE("names that programs asked for in vain are kept")
{
    Gated gated({{"*.wild.example", 80}});
    gated.answer(frame(Type::name_refused, 0, NameRefused{"b.example"}) +
                 frame(Type::name_refused, 0, NameRefused{"a.wild.example"}));
    const auto& all = gated.gate.attempts().all();
    REQUIRE(all.size() == 2);
    CHECK(all[0].reason == "not allowed");
    CHECK(all[1].reason == "reached only through the proxies");
}

TEST_CASE("the agent is told of a change")
{
    Gated gated({{"a.example", 80}});
    gated.gate.change(EgressList({{"b.example", 1}}));
    CHECK(says(gated.link.owner().take_outgoing(), R"({"names":[{"host":"b.example","ports":[1]}],"proxies":false})"));
    gated.gate.change(EgressList());
    CHECK(says(gated.link.owner().take_outgoing(), R"({"names":[],"proxies":false})"));
}

TEST_CASE("a gate that was cancelled opens nothing any more, though its link lives on")
{
    Gated gated({{"*", 0}});
    boost::asio::cancellation_signal cancel;
    bool is_over = false;
    boost::asio::co_spawn(gated.io, gated.gate.serve(),
                          boost::asio::bind_cancellation_slot(
                              cancel.slot(), [&](const std::exception_ptr& thrown) { is_over = thrown != nullptr; }));
    gated.io.poll();
    cancel.emit(boost::asio::cancellation_type::terminal);
    gated.io.run();
    CHECK(is_over);
    CHECK(says(gated.ask(2, "10.0.0.1", 80), "10.0.0.1:80: not allowed"));
}

TEST_CASE("without a gate nothing leads out")
{
    boost::asio::io_context io;
    AgentLink link(io.get_executor());
    link.owner().hello();
    REQUIRE(link.feed(frame(Type::hello, 0, Hello{}) + frame(Type::proxy, 2, Proxy{"a.example", 80})));
    CHECK(says(link.owner().take_outgoing(), "denied"));
    CHECK(link.feed(frame(Type::close, 2, Nothing{})));
}
