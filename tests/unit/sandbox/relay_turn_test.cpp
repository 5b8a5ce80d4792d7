#include "unit/sandbox/relayed.hpp"

using namespace sbx::wire;
using test::Client;
using test::frame;
using test::Kept;

namespace {

using Lines = std::vector<std::string>;

/// Somebody who has attached to the kernel, process 1, and had a turn.
struct Talker : Client {
    explicit Talker(Kept& kept) : Client(kept)
    {
        const StreamId first = owner.turn({.name = "python-default"});
        attached = owner.attach({.process = 1, .interrupt = true});
        exchange();
        at_agent = next_of_agent;
        next_of_agent += 2;
        kept.from_agent(frame(Type::attached, at_agent, Attached{.process = 1, .channels = {3}}));
        exchange();
        owner.send(attached, std::string_view("first\n"), 3);
        owner.close(first);
        exchange();
        kept.to_agent();
    }
    /// Goes on: the wish and what is to be done in one.
    Lines go_on(const std::string& name = "python-default")
    {
        turn = owner.turn({.name = name, .attached = attached});
        owner.send(attached, std::string_view("next\n"), 3);
        return exchange();
    }

    StreamId attached = 0;
    StreamId at_agent = 0;
    StreamId turn = 0;
    static inline StreamId next_of_agent = 3;
};

struct Numbers {
    Numbers() { Talker::next_of_agent = 3; }
};

}  // namespace

TEST_CASE("turns are given in the order in which they were asked for, by name")
{
    Kept kept;
    Client a(kept);
    Client b(kept);
    Client c(kept);
    const StreamId first = a.owner.turn({.name = "python-default"});
    CHECK(a.exchange() == Lines{"opened 3 "});
    const StreamId second = b.owner.turn({.name = "python-default"});
    c.owner.turn({.name = "python-default"});
    c.owner.turn({.name = "bash-default"});
    CHECK(b.exchange().empty());
    CHECK(c.exchange() == Lines{"opened 5 "});
    a.owner.close(first);
    CHECK(a.exchange() == Lines{"reply 3 0"});
    CHECK(b.exchange() == Lines{"opened 3 "});
    CHECK(c.exchange().empty());
    b.owner.close(second);
    CHECK(b.exchange() == Lines{"reply 3 0"});
    CHECK(c.exchange() == Lines{"opened 3 "});
    CHECK(kept.to_agent().empty());
}

TEST_CASE("whoever waits no longer is passed over, and whoever asks again comes last")
{
    Kept kept;
    Client a(kept);
    Client b(kept);
    Client c(kept);
    const StreamId held = a.owner.turn({.name = "k"});
    a.exchange();
    const StreamId waiting = b.owner.turn({.name = "k"});
    b.exchange();
    c.owner.turn({.name = "k"});
    c.exchange();
    a.owner.turn({.name = "k"});
    b.owner.close(waiting);
    CHECK(b.exchange() == Lines{"error 3 the turn had not come"});
    a.owner.close(held);
    CHECK(a.exchange() == Lines{"reply 3 0"});
    CHECK(c.exchange() == Lines{"opened 3 "});
    CHECK(b.exchange().empty());
    c.relay.reset();
    CHECK(a.exchange() == Lines{"opened 5 "});
}

TEST_CASE("the turn of a client that is lost is the next one's, and so is its place in the line")
{
    Kept kept;
    auto a = std::make_unique<Client>(kept);
    auto b = std::make_unique<Client>(kept);
    Client c(kept);
    a->owner.turn({.name = "k"});
    a->owner.turn({.name = "k"});
    a->exchange();
    b->owner.turn({.name = "k"});
    b->exchange();
    c.owner.turn({.name = "k"});
    CHECK(c.exchange().empty());
    b.reset();
    CHECK(c.exchange().empty());
    a.reset();
    CHECK(c.exchange() == Lines{"opened 3 "});
}

TEST_CASE("a turn takes a name, a claim and nothing but its end")
{
    Kept kept;
    Client client(kept);
    for (const char* name : {"", "a b", "a/b", "\xff"}) {
        const StreamId turn = client.owner.turn({.name = name});
        CHECK(client.exchange() == Lines{"error " + std::to_string(turn) + " nothing has such a name"});
    }
    const StreamId turn = client.owner.turn({.name = std::string(max_turn_bytes + 1, 'x')});
    CHECK(client.exchange() == Lines{"error " + std::to_string(turn) + " nothing has such a name"});
    client.owner.turn({.name = std::string(max_turn_bytes, 'x')});
    CHECK(client.exchange().back().starts_with("opened "));
    Client stranger(kept, "wrong");
    stranger.owner.turn({.name = "k"});
    stranger.owner.turn({.name = "k", .attached = 1});
    CHECK(stranger.exchange() == Lines{"error 3 not claimed", "error 5 not claimed"});

    const auto follows = GENERATE(frame(Type::eof, 3, Nothing{}), frame(Type::signal, 3, Signal{.signal = 2}),
                                  frame(Type::turn, 3, Turn{.name = "k"}), frame(Type::credit, 3, Credit{1}));
    Client other(kept);
    other.owner.turn({.name = "k"});
    other.exchange();
    CHECK(other.relay->feed(follows) != nullptr);
}

TEST_CASE("what is no wish for a turn ends its client")
{
    Kept kept;
    Client client(kept);
    std::string bytes;
    append_frame(bytes, Type::turn, 0, 3, GENERATE(as<std::string>(), R"({"name":1})", R"({"names":"k"})", "[]", ""));
    CHECK(client.relay->feed(bytes) != nullptr);
}

TEST_CASE("neither a client's turns nor their names grow without end")
{
    Kept kept;
    Client client(kept);
    for (int i = 0; i < 200; ++i) client.owner.turn({.name = "k"});
    const auto told = client.exchange();
    CHECK(std::ranges::count_if(told, [](const auto& line) { return line.ends_with("too many operations at once"); }) ==
          200 - 128);
    Client other(kept);
    other.owner.stat({.path = "/work"});
    CHECK(other.exchange().empty());

    std::vector<std::unique_ptr<Client>> many;
    std::size_t given = 0;
    std::size_t refused = 0;
    for (int i = 0; i < 4; ++i) {
        Client& each = *many.emplace_back(std::make_unique<Client>(kept));
        for (int j = 0; j < 100; ++j) each.owner.turn({.name = "k" + std::to_string(i * 100 + j)});
        for (const auto& line : each.exchange()) {
            given += line.starts_with("opened ") ? 1 : 0;
            refused += line.ends_with("too many things at once") ? 1 : 0;
        }
    }
    CHECK((given == 255 && refused == 145));
    many.clear();
    other.owner.turn({.name = "new"});
    CHECK(other.exchange() == Lines{"opened 5 "});
}

TEST_CASE("whoever had the last turn goes on without an answer, and what he sends with his wish arrives")
{
    const Numbers fresh;
    Kept kept;
    Talker talker(kept);
    for (int i = 0; i < 3; ++i) {
        CHECK(talker.go_on().empty());
        CHECK(kept.to_agent() == Lines{"17 3/3 next\n"});
        talker.owner.close(talker.turn);
        CHECK(talker.exchange() == Lines{"reply " + std::to_string(talker.turn) + " 0"});
    }
    CHECK(talker.go_on().empty());
    Client other(kept);
    other.owner.turn({.name = "python-default"});
    CHECK(other.exchange().empty());
    talker.owner.close(talker.turn);
    talker.exchange();
    CHECK(other.exchange() == Lines{"opened 3 "});
}

TEST_CASE("whoever is not the last one is refused, and nothing of what he sent arrives")
{
    const Numbers fresh;
    Kept kept;
    Talker talker(kept);
    Client other(kept);
    const StreamId turn = other.owner.turn({.name = "python-default"});
    other.exchange();
    if (GENERATE(false, true)) {
        other.owner.close(turn);
        other.exchange();
    }
    const std::string refusal = " others had their turn since";
    const Lines answer = talker.go_on();
    CHECK(answer == Lines{"error " + std::to_string(talker.turn) + refusal});
    CHECK(kept.to_agent() == Lines{"23 3/0 {}"});  // closed
    talker.owner.send(talker.attached, std::string_view("more\n"), 3);
    talker.owner.signal(talker.attached, 2);
    talker.owner.turn({.name = "python-default", .attached = talker.attached});
    CHECK(talker.exchange().size() == 1);
    CHECK(kept.to_agent().empty());
    kept.from_agent(frame(Type::error, 3, Failure{.code = FailureCode::cancelled, .message = "closed"}));
    CHECK(talker.exchange() == Lines{"error " + std::to_string(talker.attached) + " closed"});
    talker.relay.reset();
    CHECK(kept.to_agent().empty());  // no interrupt: the code that runs is another's
}

TEST_CASE("nobody goes on with what he has not, or by a name that is not the last turn's")
{
    const Numbers fresh;
    Kept kept;
    Talker talker(kept);
    CHECK(talker.go_on("python-other").back().ends_with("others had their turn since"));
    Client other(kept);
    other.owner.turn({.name = "python-default", .attached = 99});
    CHECK(other.exchange().back().ends_with("others had their turn since"));
    const StreamId program = other.owner.spawn({.argv = {"cat"}});
    other.owner.turn({.name = "python-default", .attached = program});
    CHECK(other.exchange().back().ends_with("others had their turn since"));
}
