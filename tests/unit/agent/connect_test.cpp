#include "agent_under_test.hpp"
#include "catch.hpp"

using namespace std::chrono_literals;
using namespace sbx::wire;
using test::AgentUnderTest;

namespace {

constexpr std::uint32_t port = 8'080;

/// A server inside, with its first connection as `c`. It has said "up" when it listens.
StreamId serve(AgentUnderTest& agent, const std::string& script)
{
    const std::string listen =
        "import socket, sys, time\n"
        "s = socket.create_server(('127.0.0.1', 8080))\n"
        "print('up', flush=True)\n"
        "c, _ = s.accept()\n";
    const StreamId id = agent.owner.spawn({.argv = {"python3", "-c", listen + script}});
    REQUIRE(agent.until([&] { return agent.text(id, Channel::out) == "up\n" || !agent.owner.is_open(id); }));
    REQUIRE(agent.owner.is_open(id));
    return id;
}

StreamId connect(AgentUnderTest& agent, Connect request = {.port = port})
{
    const StreamId id = agent.owner.connect(request);
    REQUIRE(agent.until([&] { return agent.seen.opened.contains(id) || !agent.owner.is_open(id); }));
    return id;
}

void send(AgentUnderTest& agent, StreamId id, const std::string& text)
{
    agent.owner.send(id, text);
}

}  // namespace

TEST_CASE("a connection carries bytes both ways and each direction ends by itself")
{
    AgentUnderTest agent;
    serve(agent,
          "c.sendall(b'hello ')\n"
          "said = b''\n"
          "while True:\n"
          "    piece = c.recv(100)\n"
          "    if not piece: break\n"
          "    said += piece\n"
          "c.sendall(said[::-1])\n");
    const StreamId id = connect(agent);
    send(agent, id, "abc");
    REQUIRE(agent.until([&] { return agent.text(id, 0) == "hello "; }));
    CHECK_FALSE(agent.seen.ended.contains(id));
    agent.owner.eof(id);
    REQUIRE(agent.finish(id));
    CHECK(agent.text(id, 0) == "hello cba");
    CHECK(agent.seen.ended.contains(id));
    CHECK(agent.seen.replies.contains(id));
}

TEST_CASE("a server that ends first can still be written to")
{
    AgentUnderTest agent;
    const StreamId server = serve(agent,
                                  "c.sendall(b'bye')\n"
                                  "c.shutdown(socket.SHUT_WR)\n"
                                  "print(c.recv(100), c.recv(100), flush=True)\n");
    const StreamId id = connect(agent);
    REQUIRE(agent.until([&] { return agent.seen.ended.contains(id); }));
    CHECK(agent.owner.is_open(id));
    send(agent, id, "late");
    agent.owner.eof(id);
    REQUIRE(agent.finish(id));
    REQUIRE(agent.finish(server));
    CHECK(agent.text(server, Channel::out) == "up\nb'late' b''\n");
}

TEST_CASE("what is sent at once reaches the server, its end too")
{
    AgentUnderTest agent;
    const StreamId server = serve(agent, "print(c.recv(100), c.recv(100), flush=True)\n");
    const StreamId id = agent.owner.connect({.port = port});
    send(agent, id, "early");
    agent.owner.eof(id);
    REQUIRE(agent.finish(id));
    REQUIRE(agent.finish(server));
    CHECK(agent.text(server, Channel::out) == "up\nb'early' b''\n");
}

TEST_CASE("a port on which nothing listens is told")
{
    AgentUnderTest agent;
    const StreamId id = connect(agent, {.port = 81});
    REQUIRE(agent.seen.errors.contains(id));
    CHECK(test::explain(agent.seen.errors.at(id)) == "not_found: nothing listens on port 81");
    CHECK_FALSE(agent.seen.opened.contains(id));
}

TEST_CASE("connections that make no sense are refused")
{
    AgentUnderTest agent;
    const StreamId id =
        agent.owner.connect(GENERATE(Connect{.port = 0}, Connect{.port = 65'536}, Connect{.port = 80, .window = 0}));
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.errors.at(id).code == FailureCode::invalid);
}

TEST_CASE("a server that resets the connection ends it, also for who goes on writing")
{
    AgentUnderTest agent;
    serve(agent,
          "import struct\n"
          "c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))\n"
          "c.close()\n"
          "time.sleep(1000)\n");
    const StreamId id = connect(agent);
    CHECK(agent.until([&] { return !agent.owner.is_open(id); }, 5s));
}

TEST_CASE("closing a connection's stream closes the connection")
{
    AgentUnderTest agent;
    const StreamId server = serve(agent, "print(c.recv(100), flush=True)\n");
    const StreamId id = connect(agent);
    agent.owner.close(id);
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.errors.at(id).code == FailureCode::cancelled);
    REQUIRE(agent.finish(server));
    CHECK(agent.text(server, Channel::out) == "up\nb''\n");
}

TEST_CASE("a server that floods a slow reader is slowed down, and nobody else")
{
    AgentUnderTest agent;
    serve(agent, "while True: c.sendall(b'x' * 65536)\n");
    agent.seen.consume = false;
    const StreamId id = connect(agent, {.port = port, .window = 100'000});
    const auto received = [&] { return agent.seen.received[{id, 0}]; };
    REQUIRE(agent.until([&] { return received() == 100'000; }));
    CHECK_FALSE(agent.until([&] { return received() > 100'000; }, 300ms));
    CHECK(agent.sh("echo through").code == 0);
    CHECK(agent.out() == "through\n");
    agent.owner.consumed(id, Channel::input, 100'000);
    CHECK(agent.until([&] { return received() == 200'000; }));
}

TEST_CASE("a server that reads nothing takes no more than the window")
{
    AgentUnderTest agent;
    serve(agent, "time.sleep(1000)\n");
    const StreamId id = connect(agent);
    std::size_t sent = 0;
    const std::string chunk(64 << 10, 'x');
    agent.until(
        [&] {
            const std::size_t step = std::min(agent.owner.may_send(id), chunk.size());
            agent.owner.send(id, std::span(chunk).first(step));
            sent += step;
            return false;
        },
        1s);
    CHECK(sent >= initial_window);
    CHECK(agent.owner.may_send(id) == 0);
    CHECK(agent.sh("true").code == 0);
}

TEST_CASE("ten megabytes come back over a connection as they were")
{
    AgentUnderTest agent;
    serve(agent,
          "while True:\n"
          "    piece = c.recv(65536)\n"
          "    if not piece: break\n"
          "    c.sendall(piece)\n");
    const StreamId id = connect(agent);
    std::string sent(10'000'000, '\0');
    for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 2654435761U >> 13);
    std::size_t at = 0;
    REQUIRE(agent.until([&] {
        const std::size_t step = std::min(agent.owner.may_send(id), sent.size() - at);
        agent.owner.send(id, std::span(sent).subspan(at, step));
        at += step;
        if (at == sent.size()) agent.owner.eof(id);
        return !agent.owner.is_open(id);
    }));
    CHECK(agent.text(id, 0) == sent);
}
