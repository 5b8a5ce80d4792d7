#include "agent_under_test.hpp"
#include "catch.hpp"

#include <signal.h>

using namespace std::chrono_literals;
using namespace sbx::wire;
using test::AgentUnderTest;

namespace {

const AgentUnderTest::Options living{.one_shot = false};

StreamId spawn(AgentUnderTest& agent, Spawn spawn)
{
    spawn.detached = true;
    const StreamId id = agent.owner.spawn(spawn);
    REQUIRE(agent.until([&] { return agent.seen.started.contains(id) || !agent.owner.is_open(id); }));
    return id;
}

StreamId sh(AgentUnderTest& agent, const std::string& script)
{
    return spawn(agent, {.argv = {"/bin/sh", "-c", script}});
}

/// A program that nobody has on a stream.
std::uint64_t let_go(AgentUnderTest& agent, const std::string& script)
{
    const StreamId id = sh(agent, script);
    agent.owner.close(id);
    REQUIRE(agent.finish(id));
    CHECK((agent.seen.exits.contains(id) || agent.seen.errors.at(id).code == FailureCode::cancelled));
    return agent.seen.started.at(id);
}

std::map<std::uint64_t, ProcessInfo> list(AgentUnderTest& agent)
{
    const StreamId id = agent.owner.processes({});
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.replies.at(id).entries == agent.seen.processes[id].size());
    return agent.seen.processes[id];
}

bool ends(AgentUnderTest& agent, std::uint64_t process)
{
    return agent.until([&] { return !list(agent).at(process).running; });
}

StreamId attach(AgentUnderTest& agent, std::uint64_t process, bool follow = true)
{
    const StreamId id = agent.owner.attach({.process = process, .follow = follow});
    REQUIRE(agent.until([&] { return agent.seen.attached.contains(id) || !agent.owner.is_open(id); }));
    return id;
}

bool says(AgentUnderTest& agent, StreamId id, const std::string& text)
{
    return agent.until([&] { return agent.text(id, Channel::out) == text; }, 10s);
}

}  // namespace

TEST_CASE("a detached program is like any other as long as its stream is open")
{
    AgentUnderTest agent(living);
    const StreamId first = sh(agent, "read -r line; echo \"got $line\"; echo err >&2; exit 3");
    const StreamId second = sh(agent, "true");
    const std::string line = "this\n";
    agent.owner.send(first, line);
    REQUIRE(agent.finish(first));
    CHECK(agent.text(first, Channel::out) == "got this\n");
    CHECK(agent.text(first, Channel::err) == "err\n");
    CHECK(agent.seen.exits.at(first).code == 3);
    CHECK(agent.seen.started.at(first) == 1);
    CHECK(agent.seen.started.at(second) == 2);
}

TEST_CASE("a detached program lives on when its stream is closed, any other dies")
{
    AgentUnderTest agent(living);
    const std::uint64_t process = let_go(agent, "sleep 0.3; echo done > /work/done");
    REQUIRE(ends(agent, process));
    CHECK(list(agent).at(process).exit.code == 0);
    agent.sh("cat /work/done");
    CHECK(agent.out() == "done\n");
}

TEST_CASE("a detached program that can't be run is an error and is not remembered")
{
    AgentUnderTest agent(living);
    const StreamId id = spawn(agent, {.argv = {"no-such-command"}});
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.errors.at(id).code == FailureCode::not_found);
    CHECK_FALSE(agent.seen.started.contains(id));
    CHECK(list(agent).empty());
}

TEST_CASE("processes tell what runs and how the others ended")
{
    AgentUnderTest agent(living);
    const std::uint64_t running = let_go(agent, "sleep 1000");
    const std::uint64_t failed = let_go(agent, "exit 3");
    const std::uint64_t killed = let_go(agent, "kill -9 $$");
    REQUIRE(ends(agent, failed));
    REQUIRE(ends(agent, killed));
    const auto known = list(agent);
    CHECK(known.size() == 3);
    CHECK(known.at(running).running);
    CHECK(known.at(running).argv == std::vector<std::string>{"/bin/sh", "-c", "sleep 1000"});
    CHECK(known.at(running).start_ms > 1'700'000'000'000);
    CHECK(known.at(failed).exit.code == 3);
    CHECK(known.at(killed).exit.signal == SIGKILL);
}

TEST_CASE("of long arguments only the beginning is told")
{
    AgentUnderTest agent(living);
    std::vector<std::string> argv{"sleep", "0", std::string(3'000, 'x'), std::string(3'000, 'y')};
    const StreamId few = spawn(agent, {.argv = argv});
    argv = {"true"};
    argv.resize(200);
    const StreamId many = spawn(agent, {.argv = argv});
    const auto known = list(agent);
    CHECK(known.at(agent.seen.started.at(few)).argv.back().size() == 4'096 - 3'000 - 6);
    CHECK(known.at(agent.seen.started.at(many)).argv.size() == 64);
}

TEST_CASE("64 detached programs run at a time, and 16 that ended are remembered")
{
    AgentUnderTest agent(living);
    std::vector<StreamId> streams;
    for (int i = 0; i < 64; ++i) {
        streams.push_back(spawn(agent, {.argv = {"cat"}}));
        agent.owner.close(streams.back());
    }
    const StreamId beyond = spawn(agent, {.argv = {"cat"}});
    REQUIRE(agent.finish(beyond));
    CHECK(agent.seen.errors.at(beyond).code == FailureCode::no_processes);
    CHECK(agent.sh("pkill cat; exit 0").code == 0);
    REQUIRE(agent.until([&] { return list(agent).size() == 16; }));
    CHECK(agent.seen.started.at(sh(agent, "true")) == 65);
}

TEST_CASE("a long runner that ends is remembered before those that ended earlier")
{
    AgentUnderTest agent(living);
    const std::uint64_t first = let_go(agent, "sleep 1000");
    for (int i = 0; i < 20; ++i) REQUIRE(agent.finish(sh(agent, "true")));
    CHECK(agent.sh("pkill -f 'sleep 1000'; exit 0").code == 0);
    CHECK(ends(agent, first));
}

TEST_CASE("what a detached program writes while nobody listens is kept, up to 64 KiB, and the rest is counted")
{
    AgentUnderTest agent(living);
    const std::uint64_t process =
        let_go(agent, "head -c 300000 /dev/zero | tr '\\0' x; echo end; sleep 0.2; echo err >&2");
    REQUIRE(ends(agent, process));
    const StreamId id = attach(agent, process, false);
    REQUIRE(agent.finish(id));
    const std::string out = agent.text(id, Channel::out);
    CHECK(out.ends_with("xend\n"));
    CHECK(agent.text(id, Channel::err) == "err\n");
    CHECK(out.size() + 4 > 65'000);
    CHECK(out.size() + 4 < 65'536);
    CHECK(agent.seen.attached.at(id).dropped_bytes == 300'008 - out.size() - 4);
    CHECK(agent.seen.replies.at(id).bytes == out.size() + 4);
    CHECK(list(agent).at(process).dropped_bytes == agent.seen.attached.at(id).dropped_bytes);
}

TEST_CASE("a flood that nobody listens to costs the agent no memory")
{
    AgentUnderTest agent(living);
    list(agent);
    const std::size_t before = agent.cell().resident_bytes();
    let_go(agent, "exec yes");
    let_go(agent, "while :; do printf x; printf y >&2; done");
    agent.until([] { return false; }, 1s);
    CHECK(list(agent).at(1).dropped_bytes > 1'000'000);
    CHECK(agent.cell().resident_bytes() < before + (1U << 20));
}

TEST_CASE("a tail can be read while the program goes on, and it is not disturbed")
{
    AgentUnderTest agent(living);
    const StreamId own = sh(agent, "echo before; read -r line; echo after");
    REQUIRE(says(agent, own, "before\n"));
    const StreamId tail = attach(agent, agent.seen.started.at(own), false);
    REQUIRE(agent.finish(tail));
    CHECK(agent.text(tail, Channel::out) == "before\n");
    CHECK(agent.owner.is_open(own));
    agent.owner.eof(own);
    REQUIRE(agent.finish(own));
    CHECK(agent.text(own, Channel::out) == "before\nafter\n");
}

TEST_CASE("who follows gets the tail, then what is new, and is the process's stream")
{
    AgentUnderTest agent(living);
    const std::uint64_t process = let_go(agent, "echo one; while read -r line; do echo \"$line\"; done; exit 5");
    const StreamId id = attach(agent, process);
    REQUIRE(says(agent, id, "one\n"));
    CHECK(agent.seen.attached.at(id).input);
    const std::string line = "two\n";
    agent.owner.send(id, line);
    REQUIRE(says(agent, id, "one\ntwo\n"));
    agent.owner.eof(id);
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.exits.at(id).code == 5);
}

TEST_CASE("signals and a close on a followed process's stream are as on its first")
{
    AgentUnderTest agent(living);
    const std::uint64_t process = let_go(agent, "echo up; exec sleep 1000");
    const StreamId first = attach(agent, process);
    agent.owner.close(first);
    REQUIRE(agent.finish(first));
    CHECK(agent.seen.errors.at(first).code == FailureCode::cancelled);
    CHECK(list(agent).at(process).running);
    const StreamId second = attach(agent, process);
    agent.owner.signal(second, SIGTERM);
    REQUIRE(agent.finish(second));
    CHECK(agent.seen.exits.at(second).signal == SIGTERM);
}

TEST_CASE("a second one who follows takes the process over")
{
    AgentUnderTest agent(living);
    const StreamId own = sh(agent, "while read -r line; do echo \"$line\"; done");
    const StreamId next = agent.owner.spawn({.after = own, .argv = {"true"}});
    const std::string a = "a\n";
    const std::string b = "b\n";
    agent.owner.send(own, a);
    REQUIRE(says(agent, own, a));
    const StreamId other = attach(agent, agent.seen.started.at(own));
    CHECK(agent.seen.errors.at(own).message == "attached elsewhere");
    CHECK(agent.seen.errors.at(own).code == FailureCode::cancelled);
    agent.owner.send(other, b);
    REQUIRE(says(agent, other, a + b));
    CHECK(agent.text(own, Channel::out) == a);
    REQUIRE(agent.finish(next));
    CHECK(agent.seen.errors.at(next).code == FailureCode::cancelled);
}

TEST_CASE("who follows a process that has ended gets its tail and its exit")
{
    AgentUnderTest agent(living);
    const std::uint64_t process = let_go(agent, "echo last words; exit 4");
    REQUIRE(ends(agent, process));
    for (int i = 0; i < 2; ++i) {
        const StreamId id = attach(agent, process);
        REQUIRE(agent.finish(id));
        CHECK(agent.text(id, Channel::out) == "last words\n");
        CHECK(agent.seen.exits.at(id).code == 4);
    }
}

TEST_CASE("a process that nobody knows can't be attached to")
{
    AgentUnderTest agent(living);
    const StreamId id = attach(agent, 99);
    CHECK(agent.seen.errors.at(id).code == FailureCode::not_found);
    const StreamId strange = agent.owner.attach({.process = 1, .window = 0});
    REQUIRE(agent.finish(strange));
    CHECK(agent.seen.errors.at(strange).code == FailureCode::invalid);
}

TEST_CASE("a slow reader of a tail gets all of it, at its own pace")
{
    AgentUnderTest agent(living);
    const bool follow = GENERATE(true, false);
    const std::uint64_t process = let_go(agent, "head -c 50000 /dev/zero; head -c 10000 /dev/zero >&2");
    REQUIRE(ends(agent, process));
    agent.seen.consume = false;
    const StreamId id = agent.owner.attach({.process = process, .follow = follow, .window = 1'000});
    std::map<int, std::uint64_t> returned;
    REQUIRE(agent.until([&] {
        for (const auto channel : {Channel::out, Channel::err}) {
            const std::uint64_t received = agent.seen.received[{id, channel}];
            agent.owner.consumed(id, channel, received - returned[channel]);
            returned[channel] = received;
        }
        return !agent.owner.is_open(id);
    }));
    CHECK(returned[Channel::out] == 50'000);
    CHECK(returned[Channel::err] == 10'000);
}

TEST_CASE("input that was sent before the stream was left is still read, and its end holds")
{
    AgentUnderTest agent(living);
    const StreamId id = sh(agent, "sleep 0.3; wc -c");
    agent.owner.send(id, std::string(200'000, 'x'));
    agent.owner.eof(id);
    agent.owner.close(id);
    REQUIRE(agent.finish(id));
    const StreamId other = attach(agent, agent.seen.started.at(id));
    CHECK_FALSE(agent.seen.attached.at(other).input);
    REQUIRE(agent.finish(other));
    CHECK(agent.text(other, Channel::out) == "200000\n");
}

TEST_CASE("each stream has a window of input of its own, and a process that reads none can't be fed without end")
{
    AgentUnderTest agent(living);
    const StreamId id = sh(agent, "sleep 1000");
    const std::uint64_t process = agent.seen.started.at(id);
    std::string sent(initial_window, 'x');
    agent.owner.send(id, sent);
    StreamId last = id;
    for (int i = 0; i < 4 && agent.owner.is_open(last); ++i) {
        last = attach(agent, process);
        agent.owner.send(last, std::span(sent).first(agent.owner.may_send(last)));
    }
    REQUIRE(agent.seen.errors.contains(last));
    CHECK(agent.seen.errors.at(last).code == FailureCode::too_large);
    CHECK(list(agent).at(process).running);
}

TEST_CASE("input of several streams arrives in their order")
{
    AgentUnderTest agent(living);
    const StreamId id = sh(agent, "sleep 0.3; md5sum; echo end");
    const std::string all(1'500'000, 'z');
    std::size_t at = 0;
    StreamId now = id;
    const auto step = [&] {
        const std::size_t count = std::min(agent.owner.may_send(now), all.size() - at);
        agent.owner.send(now, std::span(all).subspan(at, count));
        at += count;
    };
    step();
    now = attach(agent, agent.seen.started.at(id));
    REQUIRE(agent.until([&] {
        step();
        if (at == all.size()) agent.owner.eof(now);
        return !agent.owner.is_open(now);
    }));
    agent.sh("head -c 1500000 /dev/zero | tr '\\0' z | md5sum; echo end");
    CHECK(agent.text(now, Channel::out) == agent.out());
}

TEST_CASE("a detached terminal can be left and taken up again")
{
    AgentUnderTest agent(living);
    const StreamId id = spawn(agent, {.argv = {"/bin/sh"}, .env = {"PS1=> "}, .pty = true});
    REQUIRE(says(agent, id, "> "));
    agent.owner.close(id);
    REQUIRE(agent.finish(id));
    const StreamId other = attach(agent, agent.seen.started.at(id));
    CHECK(agent.seen.attached.at(other).pty);
    agent.owner.resize(other, {.rows = 11, .columns = 22});
    const std::string line = "stty size; exit\n";
    agent.owner.send(other, line);
    REQUIRE(agent.finish(other));
    CHECK(agent.text(other, Channel::out).find("11 22") != std::string::npos);
    CHECK(agent.text(other, Channel::out).starts_with("> "));
}

TEST_CASE("after an eof on a terminal the next one can still type")
{
    AgentUnderTest agent(living);
    const StreamId id = spawn(
        agent, {.argv = {"/bin/sh", "-c", "stty -echo; echo up; cat; echo again; read -r x; echo $x"}, .pty = true});
    REQUIRE(says(agent, id, "up\r\n"));
    agent.owner.eof(id);
    REQUIRE(says(agent, id, "up\r\nagain\r\n"));
    const StreamId other = attach(agent, agent.seen.started.at(id));
    CHECK(agent.seen.attached.at(other).input);
    const std::string line = "typed\n";
    agent.owner.send(other, line);
    REQUIRE(agent.finish(other));
    CHECK(agent.text(other, Channel::out) == "up\r\nagain\r\ntyped\r\n");
}

TEST_CASE("input for an extra channel that has ended is dropped, whoever sends it")
{
    AgentUnderTest agent(living);
    const StreamId id = spawn(agent, {.argv = {"sleep", "1000"}, .channels = {3}});
    agent.owner.eof(id, 3);
    const StreamId other = attach(agent, agent.seen.started.at(id));
    agent.owner.send(other, std::string(200'000, 'x'), 3);
    agent.owner.eof(other, 3);
    CHECK(list(agent).begin()->second.running);
    CHECK(agent.sh("true").code == 0);
}

TEST_CASE("extra channels are told to who attaches, and go on both ways")
{
    AgentUnderTest agent(living);
    const StreamId id = spawn(
        agent,
        {.argv = {"/bin/bash", "-c", "while read -r line <&4; do echo \"got $line\" >&4; done"}, .channels = {4}});
    agent.owner.close(id);
    REQUIRE(agent.finish(id));
    const StreamId other = attach(agent, agent.seen.started.at(id));
    CHECK(agent.seen.attached.at(other).channels == std::vector<std::uint32_t>{4});
    const std::string line = "this\n";
    agent.owner.send(other, line, 4);
    CHECK(agent.until([&] { return agent.text(other, 4) == "got this\n"; }));
}

TEST_CASE("an attach can come after another stream")
{
    AgentUnderTest agent(living);
    const std::uint64_t process = let_go(agent, "echo said; sleep 1000");
    const StreamId before = agent.owner.spawn({.argv = {"sleep", "0.2"}});
    const StreamId id = agent.owner.attach({.after = before, .process = process, .follow = false});
    REQUIRE(agent.finish(id));
    CHECK_FALSE(agent.owner.is_open(before));
    CHECK(agent.text(id, Channel::out) == "said\n");
}

TEST_CASE("a detached program can be one that was started ahead")
{
    AgentUnderTest agent(
        {.one_shot = false,
         .arguments = {"60000", "/bin/bash", "-c",
                       "printf + >&60; touch /tmp/ready; dd bs=4096 count=1 <&60 >/dev/null 2>&1; echo ahead; cat"}});
    REQUIRE(agent.sh("until [ -e /tmp/ready ]; do sleep 0.01; done").code == 0);
    const StreamId id = spawn(agent, {.argv = {"echo", "anew\n"}, .preloaded = true});
    REQUIRE(says(agent, id, "ahead\n"));
    agent.owner.close(id);
    REQUIRE(agent.finish(id));
    const StreamId other = attach(agent, agent.seen.started.at(id));
    agent.owner.eof(other);
    REQUIRE(agent.finish(other));
    CHECK(agent.text(other, Channel::out) == "ahead\n");
    CHECK(agent.seen.exits.at(other).code == 0);
}
