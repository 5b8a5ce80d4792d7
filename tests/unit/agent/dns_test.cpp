#include "agent/dns_answer.hpp"
#include "agent_under_test.hpp"
#include "catch.hpp"

#include <random>

using namespace sbx::wire;
using test::AgentUnderTest;

namespace {

/// A query for one name, given as labels with their lengths in front.
std::string query(const std::string& labels, char type)
{
    return std::string("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12) + labels + std::string("\x00\x00", 2) +
           type + std::string("\x00\x01", 2);
}

/// One name leads out.
struct OneName : sbx::agent::Names {
    std::optional<sbx::agent::Ipv4> find(std::string_view name) override
    {
        if (name != "example.com") return std::nullopt;
        return sbx::agent::Ipv4{127, 83, 0, 1};
    }
    void on_refused(std::string_view name) override { refused.emplace_back(name); }

    std::vector<std::string> refused;
};

std::string answer(const std::string& message, OneName&& names = {})
{
    std::array<char, sbx::agent::max_dns_message> reply;
    return {reply.data(), sbx::agent::answer_dns(message, reply, names)};
}

const std::string example =
    "\x07"
    "Example\x03"
    "com";

int rcode(const std::string& reply)
{
    return reply.at(3) & 0xf;
}

int answers(const std::string& reply)
{
    return reply.at(7);
}

}  // namespace

TEST_CASE("loopback names have an IPv4 address and no other")
{
    const auto name = GENERATE(as<std::string>(), "\x09localhost", "\x09LocalHost", "\x07sandbox",
                               "\x01"
                               "a\x09localhost");
    const std::string reply = answer(query(name, 1));
    CHECK(rcode(reply) == 0);
    CHECK(answers(reply) == 1);
    CHECK(reply.substr(0, 2) == "\x12\x34");
    CHECK(reply.ends_with(std::string("\x7f\0\0\1", 4)));
    const std::string ipv6 = answer(query(name, 28));
    CHECK(rcode(ipv6) == 0);
    CHECK(answers(ipv6) == 0);
}

TEST_CASE("a name that leads out has an address of its own, and no IPv6 address")
{
    const std::string reply = answer(query(example, 1));
    CHECK(rcode(reply) == 0);
    CHECK(answers(reply) == 1);
    CHECK(reply.ends_with(std::string("\x7f\x53\0\1", 4)));
    for (const char type : {28, 16, 65}) {
        CHECK(rcode(answer(query(example, type))) == 0);
        CHECK(answers(answer(query(example, type))) == 0);
    }
}

TEST_CASE("a name whose address is asked for and that leads nowhere is noted")
{
    OneName names;
    std::array<char, sbx::agent::max_dns_message> reply;
    for (const char type : {1, 28, 12, 16}) sbx::agent::answer_dns(query("\x05Other", type), reply, names);
    sbx::agent::answer_dns(query(example, 1), reply, names);
    CHECK(names.refused == std::vector<std::string>{"other", "other"});
}

TEST_CASE("every other name does not exist")
{
    const auto name = GENERATE(as<std::string>(),
                               "\x08"
                               "examples\x03"
                               "com",
                               "\x0alocalhosts",
                               "\x09localhost\x03"
                               "com",
                               "");
    CHECK(rcode(answer(query(name, 1))) == 3);
}

TEST_CASE("queries that are none get an error or nothing")
{
    CHECK(answer("").empty());
    CHECK(answer("short").empty());
    CHECK(answer(query("\x09localhost", 1).replace(2, 1, "\x81")).empty());
    CHECK(rcode(answer(query("\x3flocalhost", 1))) == 1);
    CHECK(rcode(answer(query("\xc0\x0c", 1))) == 1);
    CHECK(rcode(answer(query("\x09localhost", 1).replace(5, 1, "\x02"))) == 1);
    CHECK(rcode(answer(query("\x09localhost", 1).substr(0, 20))) == 1);
    CHECK(rcode(answer(query("\x09localhost", 1).replace(2, 1, "\x11"))) == 4);
    CHECK(rcode(answer(query(std::string(400, '\x01'), 1))) == 1);
}

TEST_CASE("hostile datagrams never make a longer answer than fits")
{
    std::mt19937 random(1);
    for (int i = 0; i < 200'000; ++i) {
        std::string message = query("\x09localhost", 1);
        message.resize(random() % (sbx::agent::max_dns_message + 1));
        for (int change = random() % 8; change > 0 && !message.empty(); --change)
            message[random() % message.size()] = static_cast<char>(random());
        REQUIRE(answer(message).size() <= sbx::agent::max_dns_message);
    }
}

TEST_CASE("programs resolve localhost and fail at once with anything else")
{
    AgentUnderTest agent;
    agent.sh("getent hosts localhost sandbox; getent ahostsv4 x.localhost | head -1");
    CHECK(agent.out().find("127.0.0.1") == 0);
    CHECK(agent.out().find("sandbox") != std::string::npos);
    const Exit exit = agent.sh("getent hosts example.com");
    CHECK(exit.code == 2);
    CHECK(exit.wall_us < 1'000'000);
}

TEST_CASE("the resolver answers over TCP too")
{
    AgentUnderTest agent;
    agent.run({.argv = {"getent", "hosts", "localhost"}, .env = {"RES_OPTIONS=use-vc"}});
    CHECK(agent.out().find("127.0.0.1") == 0);
}
