#include "agent_under_test.hpp"
#include "catch.hpp"

using namespace std::chrono_literals;
using namespace sbx::wire;
using test::AgentUnderTest;

namespace {

const Egress web{.names = {{"a.example", {80, 443}}}, .proxies = false};

/// An agent whose programs may reach something.
struct Sandbox : AgentUnderTest {
    explicit Sandbox(const Egress& egress = web) { owner.egress(egress); }

    StreamId python(const std::string& script, std::vector<std::string> arguments = {})
    {
        std::vector<std::string> argv{"python3", "-c", "import socket, sys, time\n" + script};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        return owner.spawn({.argv = argv});
    }
    /// The next connection that a program wants.
    StreamId next_proxy()
    {
        const StreamId id = 2 * static_cast<StreamId>(++proxies_);
        REQUIRE(until([&] { return seen.proxies.contains(id); }));
        return id;
    }
    bool ended(StreamId id)
    {
        return until([&] { return seen.errors.contains(id); });
    }

   private:
    std::size_t proxies_ = 0;
};

/// The connection may break before `create_connection` has returned.
const std::string expect_reset =
    "try: print(socket.create_connection((sys.argv[1], int(sys.argv[2])), 20).recv(1))\n"
    "except ConnectionResetError: print('reset')\n";
const std::string connect_to_first = "s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 20)\n";

}  // namespace

TEST_CASE("a program reaches an allowed name without knowing how, bytes go both ways and each ends by itself")
{
    Sandbox sandbox;
    const StreamId program = sandbox.python(connect_to_first +
                                                "peer = s.getpeername()\n"
                                                "s.sendall(b'question')\n"
                                                "s.shutdown(socket.SHUT_WR)\n"
                                                "print(s.recv(100), s.recv(100), peer)\n",
                                            {"A.Example", "443"});
    const StreamId tunnel = sandbox.next_proxy();
    CHECK(sandbox.seen.proxies[tunnel] == Proxy{.host = "a.example", .port = 443});
    sandbox.owner.accept(tunnel);
    REQUIRE(sandbox.until([&] { return sandbox.seen.ended.contains(tunnel); }));
    CHECK(sandbox.text(tunnel, 0) == "question");
    sandbox.owner.send(tunnel, std::string("answer"));
    sandbox.owner.eof(tunnel);
    REQUIRE(sandbox.finish(program));
    CHECK(sandbox.text(program, Channel::out) == "b'answer' b'' ('127.83.0.1', 443)\n");
    CHECK(sandbox.ended(tunnel));
}

TEST_CASE("a refused connection is broken, and the program goes on")
{
    Sandbox sandbox;
    const StreamId program = sandbox.python(expect_reset, {"a.example", "80"});
    const StreamId tunnel = sandbox.next_proxy();
    sandbox.owner.refuse(tunnel, {.code = FailureCode::denied, .message = "no"});
    REQUIRE(sandbox.finish(program));
    CHECK(sandbox.text(program, Channel::out) == "reset\n");
    CHECK(sandbox.ended(tunnel));
}

TEST_CASE("a connection that the owner closes is broken")
{
    Sandbox sandbox;
    const StreamId program = sandbox.python(expect_reset, {"a.example", "80"});
    const StreamId tunnel = sandbox.next_proxy();
    sandbox.owner.accept(tunnel);
    sandbox.owner.close(tunnel);
    REQUIRE(sandbox.finish(program));
    CHECK(sandbox.text(program, Channel::out) == "reset\n");
    CHECK(sandbox.ended(tunnel));
}

TEST_CASE("only the listed ports of a name are there, and no other name")
{
    Sandbox sandbox;
    sandbox.run({.argv = {"python3", "-c",
                          "import socket\n"
                          "for place in ('a.example', 81), ('b.example', 80), ('x.a.example', 80):\n"
                          "    try: socket.create_connection(place, 5)\n"
                          "    except OSError as error: print(type(error).__name__)\n"}});
    CHECK(sandbox.out() == "ConnectionRefusedError\ngaierror\ngaierror\n");
    CHECK(sandbox.seen.refused_names == std::vector<std::string>{"b.example", "x.a.example"});
    CHECK(sandbox.seen.proxies.empty());
}

TEST_CASE("names that lead nowhere are told once each, and not without end")
{
    Sandbox sandbox;
    sandbox.run({.argv = {"python3", "-c",
                          "import socket\n"
                          "for i in range(300):\n"
                          "    try: socket.getaddrinfo(f'host{i % 150}.example', 80)\n"
                          "    except socket.gaierror: pass\n"}});
    CHECK(sandbox.seen.refused_names.size() == max_refused_names);
    CHECK(sandbox.seen.refused_names.front() == "host0.example");
}

TEST_CASE("each program's refused names are told, whoever was refused them before")
{
    Sandbox sandbox;
    const Spawn program{.argv = {"python3", "-c",
                                 "import socket\n"
                                 "try: socket.getaddrinfo('b.example', 80)\n"
                                 "except socket.gaierror: pass\n"}};
    sandbox.run(program);
    sandbox.run(program);
    CHECK(sandbox.seen.refused_names == std::vector<std::string>{"b.example", "b.example"});
}

TEST_CASE("the list is replaced while programs run, and a name keeps its address")
{
    Sandbox sandbox;
    const auto address = [&](const std::string& name) {
        sandbox.run({.argv = {"python3", "-c", "import socket, sys; print(socket.gethostbyname(sys.argv[1]))", name}});
        return sandbox.out();
    };
    const auto connects = [&](const std::string& to) {
        return sandbox.run({.argv = {"bash", "-c", "exec 3<>/dev/tcp/" + to}}).code == 0;
    };
    sandbox.seen.accept = true;
    CHECK(address("a.example") == "127.83.0.1\n");
    CHECK(connects("127.83.0.1/80"));
    sandbox.owner.egress({.names = {{"b.example", {22}}}});
    CHECK(address("a.example").empty());
    CHECK_FALSE(connects("127.83.0.1/80"));
    CHECK(address("b.example") == "127.83.0.2\n");
    sandbox.owner.egress({.names = {{"a.example", {443}}}});
    CHECK_FALSE(connects("127.83.0.1/80"));
    CHECK(connects("127.83.0.1/443"));
    CHECK(address("a.example") == "127.83.0.1\n");
}

TEST_CASE("names come and go without end, and the latest one has an address")
{
    Sandbox sandbox;
    for (int round = 0; round < 40; ++round) {
        Egress many;
        for (int number = 0; number < 128; ++number)
            many.names.push_back({.host = "n" + std::to_string(round * 128 + number) + ".example", .ports = {80}});
        sandbox.owner.egress(many);
    }
    const StreamId program =
        sandbox.python("print(len({socket.gethostbyname(f'n{39 * 128 + n}.example') for n in range(128)}))\n");
    REQUIRE(sandbox.finish(program));
    CHECK(sandbox.text(program, Channel::out) == "128\n");
}

TEST_CASE("a port is free for a program's own server until the name is asked for")
{
    Sandbox sandbox;
    sandbox.run({.argv = {"python3", "-c",
                          "import socket\n"
                          "s = socket.create_server(('0.0.0.0', 80))\n"
                          "try: socket.create_connection(('a.example', 443), 5).close(); print('other port')\n"
                          "except OSError as e: print(e)\n"}});
    CHECK(sandbox.out() == "other port\n");
}

TEST_CASE("programs are told of the proxies only where the list says so, and can say otherwise")
{
    Sandbox sandbox;
    const std::vector<std::string> connect_to_proxy{"bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/3128"};
    sandbox.sh("env | grep -i _proxy | wc -l");
    CHECK(sandbox.out() == "0\n");
    sandbox.owner.egress({.names = {}, .proxies = true});
    sandbox.run(
        {.argv = {"sh", "-c", "echo $HTTPS_PROXY $http_proxy $ALL_PROXY $no_proxy"}, .env = {"ALL_PROXY=mine"}});
    CHECK(sandbox.out() ==
          "http://127.0.0.1:3128 http://127.0.0.1:3128 mine localhost,.localhost,sandbox,127.0.0.1,127.0.0.0/8,::1\n");
    CHECK(sandbox.run({.argv = connect_to_proxy}).code == 0);
    sandbox.owner.egress({});
    CHECK(sandbox.run({.argv = connect_to_proxy}).code != 0);
}

TEST_CASE("the HTTP proxy connects by name, and passes on the reason of a refusal")
{
    Sandbox sandbox({.names = {}, .proxies = true});
    const StreamId program = sandbox.python(connect_to_first +
                                                "s.sendall(b'CONNECT wild.example:443 HTTP/1.1\\r\\n\\r\\nearly')\n"
                                                "print(s.makefile().read())\n",
                                            {"127.0.0.1", "3128"});
    const StreamId tunnel = sandbox.next_proxy();
    CHECK(sandbox.seen.proxies[tunnel] == Proxy{.host = "wild.example", .port = 443});
    sandbox.owner.accept(tunnel);
    REQUIRE(sandbox.until([&] { return sandbox.text(tunnel, 0) == "early"; }));
    sandbox.owner.send(tunnel, std::string("late"));
    sandbox.owner.eof(tunnel);
    REQUIRE(sandbox.finish(program));
    CHECK(sandbox.text(program, Channel::out) == "HTTP/1.1 200 Connection established\n\nlate\n");

    const StreamId refused = sandbox.python(connect_to_first +
                                                "s.sendall(b'GET http://b.example/ HTTP/1.1\\r\\n\\r\\n')\n"
                                                "print(s.makefile().read())\n",
                                            {"127.0.0.1", "3128"});
    sandbox.owner.refuse(sandbox.next_proxy(), {.code = FailureCode::denied, .message = "b.example is not allowed"});
    REQUIRE(sandbox.finish(refused));
    CHECK(sandbox.text(refused, Channel::out).starts_with("HTTP/1.1 403 Forbidden\n"));
    CHECK(sandbox.text(refused, Channel::out).ends_with("b.example is not allowed\n\n"));
}

TEST_CASE("the proxy passes a plain request on, and its answer back")
{
    Sandbox sandbox({.names = {}, .proxies = true});
    const StreamId program =
        sandbox.python(connect_to_first +
                           "s.sendall(b'GET http://b.example/x HTTP/1.1\\r\\nHost: b\\r\\n\\r\\n')\n"
                           "print(s.makefile().read())\n",
                       {"127.0.0.1", "3128"});
    const StreamId tunnel = sandbox.next_proxy();
    sandbox.owner.accept(tunnel);
    REQUIRE(sandbox.until([&] { return sandbox.text(tunnel, 0).ends_with("\r\n\r\n"); }));
    CHECK(sandbox.text(tunnel, 0) == "GET /x HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n");
    sandbox.owner.send(tunnel, std::string("HTTP/1.1 200 OK\r\n\r\nbody"));
    sandbox.owner.eof(tunnel);
    REQUIRE(sandbox.finish(program));
    CHECK(sandbox.text(program, Channel::out) == "HTTP/1.1 200 OK\n\nbody\n");
}

TEST_CASE("the SOCKS proxy connects by name and by address")
{
    Sandbox sandbox({.names = {}, .proxies = true});
    const StreamId program = sandbox.python(connect_to_first +
                                                "s.sendall(b'\\5\\1\\0')\n"
                                                "print(s.recv(2))\n"
                                                "s.sendall(b'\\5\\1\\0\\3\\x0cwild.example\\0\\x16')\n"
                                                "print(s.recv(10), flush=True)\n"
                                                "print(s.recv(10))\n",
                                            {"127.0.0.1", "3128"});
    const StreamId tunnel = sandbox.next_proxy();
    CHECK(sandbox.seen.proxies[tunnel] == Proxy{.host = "wild.example", .port = 22});
    sandbox.owner.accept(tunnel);
    REQUIRE(sandbox.until([&] { return sandbox.text(program, Channel::out).size() > 50; }));
    sandbox.owner.send(tunnel, std::string("SSH"));
    REQUIRE(sandbox.finish(program));
    CHECK(sandbox.text(program, Channel::out) ==
          "b'\\x05\\x00'\nb'\\x05\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00'\nb'SSH'\n");
}

TEST_CASE("ten megabytes go through a connection and come back as they were")
{
    Sandbox sandbox;
    const StreamId program =
        sandbox.python(connect_to_first +
                           "import threading\n"
                           "data = bytes(i * 7 % 251 for i in range(1000)) * 10_000\n"
                           "threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR))).start()\n"
                           "back = b''.join(iter(lambda: s.recv(1 << 16), b''))\n"
                           "print(back == data)\n",
                       {"a.example", "80"});
    const StreamId tunnel = sandbox.next_proxy();
    sandbox.owner.accept(tunnel);
    std::size_t at = 0;
    REQUIRE(sandbox.until([&] {
        const std::string& all = sandbox.seen.data[{tunnel, 0}];
        const std::size_t step = std::min(sandbox.owner.may_send(tunnel), all.size() - at);
        sandbox.owner.send(tunnel, std::span(all).subspan(at, step));
        at += step;
        if (at == all.size() && sandbox.seen.ended.contains(tunnel)) sandbox.owner.eof(tunnel);
        return !sandbox.owner.is_open(program);
    }));
    CHECK(sandbox.text(program, Channel::out) == "True\n");
}

TEST_CASE("no more than 64 connections are open at a time; more of them wait")
{
    Sandbox sandbox;
    sandbox.seen.accept = true;
    const StreamId program = sandbox.python(
        "all = [socket.create_connection(('a.example', 80), 20) for _ in range(100)]\n"
        "print('connected', flush=True)\n"
        "sys.stdin.read(1)\n"
        "for s in all[:50]: s.close()\n"
        "sys.stdin.read(1)\n");
    REQUIRE(sandbox.until([&] { return sandbox.seen.proxies.size() == max_proxies; }));
    CHECK_FALSE(sandbox.until([&] { return sandbox.seen.proxies.size() > max_proxies; }, 300ms));
    sandbox.owner.send(program, std::string("x"));
    REQUIRE(sandbox.until([&] { return sandbox.seen.ended.size() == 50; }));
    for (const StreamId id : std::set<StreamId>(sandbox.seen.ended)) sandbox.owner.eof(id);
    CHECK(sandbox.until([&] { return sandbox.seen.proxies.size() == 100; }));
    CHECK(sandbox.sh("true").code == 0);
}

TEST_CASE("a program that connects without end does not flood the owner")
{
    Sandbox sandbox;
    const StreamId program = sandbox.python(
        "end = time.monotonic() + 3\n"
        "while time.monotonic() < end:\n"
        "    try: socket.create_connection(('127.83.0.1', 80), 5).recv(1)\n"
        "    except OSError: pass\n"
        "    if time.monotonic() < end - 2.9: socket.getaddrinfo('a.example', 80)\n");
    StreamId answered = 0;
    REQUIRE(sandbox.until([&] {
        while (sandbox.seen.proxies.contains(answered + 2))
            sandbox.owner.refuse(answered += 2, {.code = FailureCode::denied, .message = "no"});
        return !sandbox.owner.is_open(program);
    }));
    CHECK(sandbox.seen.proxies.size() > 500);
    CHECK(sandbox.seen.proxies.size() <= 2'500);
}

TEST_CASE("a program that says nothing to the proxy does not keep the others from it for ever")
{
    Sandbox sandbox({.names = {}, .proxies = true});
    const StreamId program = sandbox.python(connect_to_first + "print(s.recv(1))\n", {"127.0.0.1", "3128"});
    CHECK_FALSE(sandbox.until([&] { return !sandbox.owner.is_open(program); }, 1s));
    CHECK(sandbox.until([&] { return !sandbox.owner.is_open(program); }, 20s));
    CHECK(sandbox.text(program, Channel::out) == "b''\n");
}

TEST_CASE("a new owner begins with no connections; earlier ones are broken, the list stays")
{
    AgentUnderTest agent({.one_shot = false});
    agent.owner.egress(web);
    const StreamId first = agent.owner.spawn({.argv = {"python3", "-c",
                                                       "import socket, time\n"
                                                       "s = socket.create_connection(('a.example', 80), 20)\n"
                                                       "try: s.recv(1)\n"
                                                       "except ConnectionResetError: pass\n"
                                                       "socket.create_connection(('a.example', 443), 20).recv(1)\n"},
                                              .detached = true});
    REQUIRE(agent.until([&] { return agent.seen.proxies.contains(2); }));
    agent.owner.accept(2);
    REQUIRE(agent.until([&] { return agent.seen.started.contains(first); }));
    test::Visitor visitor(agent);
    visitor.owner.claim({.token = "secret"});
    REQUIRE(visitor.until([&] { return visitor.seen.proxies.contains(2); }));
    CHECK(visitor.seen.proxies[2] == Proxy{.host = "a.example", .port = 443});
}

TEST_CASE("what an owner may not say about connections ends the session")
{
    AgentUnderTest agent;
    const auto frame = [](Type type, StreamId stream, const std::string& json) {
        std::string bytes;
        append_frame(bytes, type, 0, stream, json);
        return bytes;
    };
    const auto bytes = GENERATE_COPY(
        frame(Type::opened, 2, "{}"), frame(Type::error, 2, "{}"), frame(Type::data, 2, "x"), frame(Type::eof, 2, "{}"),
        frame(Type::spawn, 2, R"({"argv":["true"]})"),
        frame(Type::egress, 0, R"({"names":[{"host":"a","ports":[0]}]})"),
        frame(Type::egress, 0, R"({"names":[{"host":"a","ports":[65536]}]})"),
        frame(Type::egress, 0, R"({"names":[{"host":"","ports":[1]}]})"), frame(Type::egress, 0, R"({"x":1})"));
    agent.send_raw(bytes);
    CHECK(agent.ends());
}
