#include "unit/sandbox/relayed.hpp"

using namespace sbx::wire;
using namespace std::chrono_literals;
using test::Client;
using test::frame;
using test::Kept;

TEST_CASE("a client's operations go to the agent under the keeper's numbers, and back under its own")
{
    Kept kept;
    Client a(kept);
    Client b(kept);
    const StreamId first = a.owner.spawn({.argv = {"true"}});
    const StreamId second = b.owner.spawn({.argv = {"false"}});
    a.exchange();
    b.exchange();
    CHECK(first == second);
    const auto sent = kept.to_agent();
    REQUIRE(sent.size() == 2);
    CHECK(sent[0].starts_with("16 3/0 "));
    CHECK(sent[1].starts_with("16 5/0 "));
    kept.from_agent(frame(Type::exit, 5, Exit{.code = 1}) + frame(Type::exit, 3, Exit{.code = 0}));
    CHECK(a.exchange() == std::vector<std::string>{"exit 3 0"});
    CHECK(b.exchange() == std::vector<std::string>{"exit 3 1"});
}

TEST_CASE("a client without the token gets nothing")
{
    Kept kept;
    Client client(kept, "guess");
    CHECK_FALSE(client.relay->is_claimed());
    client.owner.spawn({.argv = {"true"}});
    client.owner.lease(1s);
    client.owner.shutdown();
    client.owner.kill_all();
    CHECK(client.exchange() == std::vector<std::string>{"error 3 not claimed"});
    CHECK(kept.to_agent().empty());
    CHECK(kept.life.lengths.empty());
    CHECK(kept.life.ends.empty());
}

TEST_CASE("an operation comes after one that the client named, wherever that is by now")
{
    Kept kept;
    Client client(kept);
    const StreamId archive = client.owner.tar_in({});
    client.exchange();
    kept.to_agent();
    kept.from_agent(frame(Type::reply, 3, Reply{}));
    client.exchange();
    client.owner.mkdir({.after = archive, .path = "/work/a"});
    client.owner.mkdir({.after = archive + 2, .path = "/work/b"});
    client.exchange();
    const auto sent = kept.to_agent();
    REQUIRE(sent.size() == 2);
    CHECK(sent[0].find("\"after\":3") != std::string::npos);
    CHECK(sent[1].find("\"after\":5") != std::string::npos);
    client.owner.mkdir({.after = 99, .path = "/work/c"});
    CHECK(client.exchange() == std::vector<std::string>{"error 9 after an unknown stream"});
}

TEST_CASE("credit passes end to end, so that no side waits and none is flooded")
{
    Kept kept;
    Client client(kept);
    const StreamId program = client.owner.spawn({.argv = {"cat"}});
    const std::string window(initial_window, 'x');
    client.owner.send(program, window);
    client.exchange();
    CHECK(client.owner.may_send(program) == 0);
    CHECK(kept.link.owner().may_send(3) == 0);
    kept.to_agent();
    kept.from_agent(frame(Type::credit, 3, Credit{min_credit}));
    CHECK(client.exchange() == std::vector<std::string>{"credit 3 0"});
    CHECK(client.owner.may_send(program) == min_credit);

    std::string output;
    append_frame(output, Type::data, Channel::out, 3, std::string(max_data_bytes, 'y'));
    kept.from_agent(output);
    client.exchange();
    CHECK(kept.to_agent().empty());
    client.owner.consumed(program, Channel::out, max_data_bytes);
    client.exchange();
    CHECK(kept.to_agent() == std::vector<std::string>{"22 3/1 {\"bytes\":1048576}"});
}

TEST_CASE("a client that leaves has its operations closed, and their ends are nobody's")
{
    Kept kept;
    auto client = std::make_unique<Client>(kept);
    client->owner.spawn({.argv = {"yes"}});
    client->exchange();
    CHECK(client->relay->programs() == 1);
    std::string output;
    append_frame(output, Type::data, Channel::out, 3, std::string(max_data_bytes, 'y'));
    kept.from_agent(output);
    kept.to_agent();
    client.reset();
    const auto sent = kept.to_agent();
    REQUIRE(sent.size() == 2);
    CHECK(sent[0].starts_with("23 3/0 "));
    CHECK(sent[1].starts_with("22 3/1 "));  // what is still to be drained can come
    kept.from_agent(frame(Type::exit, 3, Exit{.signal = 9}));
    CHECK(kept.link.outcome(3) == nullptr);
}

TEST_CASE("what a lost client wanted interrupted is, and what it had closed is not")
{
    Kept kept;
    auto client = std::make_unique<Client>(kept);
    client->owner.attach({.process = 1, .interrupt = true});
    const StreamId closed = client->owner.attach({.process = 2, .interrupt = true});
    client->owner.attach({.process = 3});
    client->exchange();
    client->owner.close(closed);
    client->exchange();
    kept.to_agent();
    client.reset();
    std::vector<std::string> signals;
    for (const std::string& line : kept.to_agent())
        if (line.starts_with("20 ")) signals.push_back(line);
    CHECK(signals == std::vector<std::string>{R"(20 3/0 {"signal":2,"target":"group"})"});
}

TEST_CASE("nothing is kept of an operation that has ended")
{
    Kept kept;
    Client client(kept);
    client.owner.spawn({.argv = {"true"}});
    client.exchange();
    kept.from_agent(frame(Type::exit, 3, Exit{}));
    CHECK(kept.link.outcome(3) == nullptr);
    CHECK(client.relay->programs() == 0);
}

TEST_CASE("the end of a client's program is known before its client hears of it")
{
    Kept kept;
    Client client(kept);
    client.owner.spawn({.argv = {"true"}});
    client.owner.stat({.path = "/work"});
    client.exchange();
    kept.from_agent(frame(Type::reply, 5, Reply{}));
    CHECK(kept.life.ended_programs == 0);
    kept.from_agent(frame(Type::exit, 3, Exit{}));
    CHECK(kept.life.ended_programs == 1);
}

TEST_CASE("lease and shutdown of a client are wishes about the sandbox's life")
{
    Kept kept;
    Client client(kept);
    client.owner.lease(90s);
    client.owner.ping(7);
    CHECK(client.exchange() == std::vector<std::string>{"pong 7"});
    CHECK(kept.life.lengths == std::vector<std::chrono::milliseconds>{90s});
    client.owner.shutdown();
    client.owner.signal_all(15);
    client.owner.shutdown();
    client.exchange();
    CHECK(kept.life.ends == std::vector<bool>{false, true});
    CHECK(kept.to_agent().size() == 1);
}

TEST_CASE("programs in the background are started, listed and attached to through a keeper")
{
    Kept kept;
    Client client(kept);
    client.owner.spawn({.argv = {"server"}, .detached = true});
    client.exchange();
    kept.from_agent(frame(Type::started, 3, Started{.process = 7}));
    CHECK(client.exchange() == std::vector<std::string>{"started 3 7"});
    client.owner.processes({});
    client.owner.attach({.process = 7});
    client.exchange();
    kept.from_agent(frame(Type::process_list, 5, ProcessList{{ProcessInfo{.process = 7, .argv = {"server"}}}}) +
                    frame(Type::reply, 5, Reply{.entries = 1}) +
                    frame(Type::error, 3, Failure{.code = FailureCode::cancelled}) +
                    frame(Type::attached, 7, Attached{.process = 7}));
    std::string output;
    append_frame(output, Type::data, Channel::out, 7, "kept");
    kept.from_agent(output);
    CHECK(client.exchange() ==
          std::vector<std::string>{"processes 5 1", "reply 5 0", "error 3 ", "attached 7 7", "data 7 1 kept"});
    kept.to_agent();
    client.owner.send(7, std::string_view("input"));
    client.exchange();
    CHECK(kept.to_agent() == std::vector<std::string>{"17 7/0 input"});
}

TEST_CASE("a client learns what the sandbox uses")
{
    Kept kept;
    Client client(kept);
    client.owner.measure({});
    client.exchange();
    kept.from_agent(frame(Type::measured, 3, Measured{.memory_bytes = 4}) + frame(Type::reply, 3, Reply{}));
    CHECK(client.exchange() == std::vector<std::string>{"measured 3 4", "reply 3 0"});
}

TEST_CASE("changes that a client has seen are given back to the agent")
{
    Kept kept;
    Client client(kept);
    client.owner.watch({.path = "/work", .window = 2});
    client.exchange();
    kept.to_agent();
    kept.from_agent(frame(Type::opened, 3, Nothing{}) + frame(Type::changed, 3, Changed{.path = "a"}));
    CHECK(client.exchange() == std::vector<std::string>{"opened 3 ", "changed 3 a"});
    client.owner.consumed(3, Channel::input, 1);
    client.exchange();
    CHECK(kept.to_agent() == std::vector<std::string>{"22 3/0 {\"bytes\":1}"});
}

TEST_CASE("a listing that grows when it is written anew is cut")
{
    Kept kept;
    Client client(kept);
    client.owner.list({});
    client.exchange();
    std::string json = "{\"entries\":[";
    for (int i = 0; i < 4000; ++i) json += i == 0 ? "{}" : ",{}";
    std::string bytes;
    append_frame(bytes, Type::entries, 0, 3, json + "]}");
    kept.from_agent(bytes);
    const auto told = client.exchange();
    CHECK(told.size() > 1);
}

TEST_CASE("a client that breaks the wire's rules is given up")
{
    Kept kept;
    const auto bytes =
        GENERATE(frame(Type::ping, 0, Ping{1}), frame(Type::hello, 0, Hello{}) + frame(Type::eof, 3, Nothing{}),
                 frame(Type::hello, 0, Hello{}) + frame(Type::hello, 0, Hello{}),
                 frame(Type::hello, 0, Hello{}) + frame(Type::claim, 2, Claim{}), std::string(64, '\xff'));
    sbx::Relay relay(kept.link, kept.life, kept.turns, "t");
    CHECK(relay.feed(bytes) != nullptr);
}

TEST_CASE("what programs may reach is changed by the keeper itself, for a client that has claimed")
{
    Kept kept;
    Client client(kept);
    const StreamId more = client.owner.change_egress({.allow = {"a"}});
    const StreamId less = client.owner.change_egress({.deny = {"b"}});
    CHECK(client.exchange() == std::vector<std::string>{"reply " + std::to_string(more) + " 0",
                                                        "error " + std::to_string(less) + " b is not allowed"});
    CHECK(kept.life.changes.size() == 2);
    CHECK(kept.to_agent().empty());

    Client stranger(kept, "wrong");
    stranger.owner.change_egress({.allow = {"a"}});
    CHECK(stranger.exchange().back().ends_with("not claimed"));
    CHECK(kept.life.changes.size() == 2);
}
