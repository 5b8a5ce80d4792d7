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

std::string answer(const std::string& message)
{
    std::array<char, sbx::agent::max_dns_message> reply;
    return {reply.data(), sbx::agent::answer_dns(message, reply)};
}

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

TEST_CASE("every other name does not exist")
{
    const auto name = GENERATE(as<std::string>(),
                               "\x07"
                               "example\x03"
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
