#include "agent_under_test.hpp"
#include "catch.hpp"

#include <signal.h>
#include <unistd.h>

using namespace std::chrono_literals;
using namespace sbx::wire;
using test::AgentUnderTest;

TEST_CASE("hello, claim and spawn are written at once and answered in order")
{
    AgentUnderTest agent;
    const Exit exit = agent.run({.argv = {"echo", "hi"}});
    REQUIRE(agent.seen.hello);
    CHECK(agent.seen.hello->version == protocol_version);
    CHECK(agent.seen.replies.size() == 1);
    CHECK(agent.out() == "hi\n");
    CHECK(agent.err().empty());
    CHECK(exit.code == 0);
    CHECK(exit.signal == 0);
}

TEST_CASE("a program's exit code is kept")
{
    AgentUnderTest agent;
    CHECK(agent.sh("exit 0").code == 0);
    CHECK(agent.sh("exit 3").code == 3);
    CHECK(agent.sh("exit 255").code == 255);
}

TEST_CASE("a program's own signal is kept")
{
    AgentUnderTest agent;
    const Exit exit = agent.sh("kill -SEGV $$");
    CHECK(exit.signal == SIGSEGV);
    CHECK(exit.code == 0);
}

TEST_CASE("stdout and stderr stay apart")
{
    AgentUnderTest agent;
    agent.sh("echo out; echo err >&2");
    CHECK(agent.out() == "out\n");
    CHECK(agent.err() == "err\n");
}

TEST_CASE("arguments are bytes: large, not UTF-8, with control characters")
{
    AgentUnderTest agent;
    const std::string large(100'000, 'x');
    const std::string strange = "\xff\xfe \x01\x02 \"quoted\" \\ \xc3\xa9 \n";
    agent.run({.argv = {"printf", "%s|%s", large, strange}});
    CHECK(agent.out() == large + "|" + strange);
}

TEST_CASE("128 KiB of code in one argument run")
{
    AgentUnderTest agent;
    std::string code = "echo done #";
    code.append((128U << 10) - code.size() - 1, '"');
    agent.sh(code);
    CHECK(agent.out() == "done\n");
}

TEST_CASE("the environment is the image's, then the user's names, then the caller's")
{
    AgentUnderTest agent;
    agent.run({.argv = {"env"}, .env = {"LANG=de_DE.UTF-8", "MINE=1=2"}});
    for (const char* line : {"IMAGE=yes\n", "HOME=/work\n", "USER=sandbox\n", "LOGNAME=sandbox\n", "LANG=de_DE.UTF-8\n",
                             "MINE=1=2\n", "PATH=/usr/local/bin:/usr/bin:/bin\n"})
        CHECK(agent.out().find(line) != std::string::npos);
    CHECK(agent.out().find("C.UTF-8") == std::string::npos);
}

TEST_CASE("the command is looked up in the caller's PATH")
{
    AgentUnderTest agent;
    CHECK(agent.sh("mkdir /work/bin; printf '#!/bin/sh\\necho mine' > /work/bin/tool; chmod +x /work/bin/tool").code ==
          0);
    agent.run({.argv = {"tool"}, .env = {"PATH=/nowhere:/work/bin:/bin"}});
    CHECK(agent.out() == "mine\n");
}

TEST_CASE("what can't be run fails with its reason")
{
    AgentUnderTest agent;
    agent.sh(
        "echo plain > /work/plain; printf '#!/no/such\\n' > /work/script; chmod +x /work/script;"
        "echo text > /work/text; chmod +x /work/text; mkdir /work/directory");
    const auto [command, code, words] = GENERATE(table<const char*, FailureCode, const char*>({
        {"no-such-command", FailureCode::not_found, "no-such-command: command not found"},
        {"/work/none", FailureCode::not_found, "/work/none: command not found"},
        {"/work/plain", FailureCode::not_executable, "Permission denied"},
        {"/work/directory", FailureCode::not_executable, "Permission denied"},
        {"/work/text", FailureCode::not_executable, "Exec format error"},
        {"/work/script", FailureCode::not_executable, "interpreter"},
    }));
    const StreamId id = agent.owner.spawn({.argv = {command}});
    REQUIRE(agent.finish(id));
    REQUIRE(agent.seen.errors.contains(id));
    CHECK(agent.seen.errors[id].code == code);
    CHECK(agent.seen.errors[id].message.find(words) != std::string::npos);
}

TEST_CASE("a missing working directory is told from a missing command")
{
    AgentUnderTest agent;
    const StreamId id = agent.owner.spawn({.argv = {"true"}, .cwd = "/work/none"});
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.errors.at(id).code == FailureCode::no_directory);
    CHECK(agent.seen.errors.at(id).message.find("/work/none") != std::string::npos);
}

TEST_CASE("requests that make no sense are refused and nothing runs")
{
    AgentUnderTest agent;
    const auto spawn = GENERATE(values<Spawn>({{.argv = {}},
                                               {.argv = {""}},
                                               {.argv = {"true"}, .env = {"NOVALUE"}},
                                               {.argv = {"true"}, .cwd = "work"},
                                               {.argv = {"true"}, .cwd = "/proc/self/fd/1"},
                                               {.argv = {"true"}, .uid = 0},
                                               {.argv = {"true"}, .uid = UINT32_MAX},
                                               {.argv = {"true"}, .gid = UINT32_MAX},
                                               {.argv = {"true"}, .channels = {2}},
                                               {.argv = {"true"}, .channels = {3, 3}},
                                               {.argv = {"true"}, .window = 0},
                                               {.argv = {"true"}, .limits = {{"colour", 1, 1}}}}));
    const StreamId id = agent.owner.spawn(spawn);
    REQUIRE(agent.finish(id));
    REQUIRE(agent.seen.errors.contains(id));
    CHECK(agent.seen.errors[id].code == FailureCode::invalid);
}

TEST_CASE("a program has no privilege, no descriptor and no signal state of the agent's")
{
    AgentUnderTest agent;
    agent.sh(
        "grep -E '^(Uid|Gid|Groups|CapInh|CapPrm|CapEff|CapAmb|NoNewPrivs|SigBlk|SigIgn):' /proc/self/status;"
        "cat /proc/self/oom_score_adj; ls /proc/$$/fd; umask; ps -o sid= -p $$ | tr -d ' '; echo $$");
    const std::string out = agent.out();
    for (const char* line :
         {"Uid:\t1000\t1000\t1000\t1000", "Gid:\t1000\t1000\t1000\t1000", "Groups:\t \n", "CapInh:\t0000000000000000",
          "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1",
          "SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000", "\n1000\n0\n1\n2\n0022\n"})
        CHECK(out.find(line) != std::string::npos);
    INFO(out);
    CHECK(agent.sh("cat /proc/1/environ || cat /proc/1/maps || ls /proc/1/fd").code != 0);
}

TEST_CASE("a program can open its own /dev/stdout")
{
    AgentUnderTest agent;
    CHECK(agent.sh("echo there > /dev/stdout").code == 0);
    CHECK(agent.out() == "there\n");
}

TEST_CASE("resource limits hold, processor time included")
{
    AgentUnderTest agent;
    agent.run({.argv = {"/bin/sh", "-c", "ulimit -n; ulimit -c"}, .limits = {{"nofile", 20, 20}, {"core", 0, 0}}});
    CHECK(agent.out() == "20\n0\n");
    const Exit exit = agent.run({.argv = {"/bin/sh", "-c", "while :; do :; done"}, .limits = {{"cpu", 1, 2}}});
    CHECK(exit.signal == SIGXCPU);
    CHECK(exit.user_us + exit.system_us >= 500'000);
}

TEST_CASE("times and memory are of the program and the children it waited for")
{
    AgentUnderTest agent;
    const Exit exit = agent.sh("sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'");
    CHECK(exit.user_us > 10'000);
    CHECK(exit.wall_us >= exit.user_us / 2);
    CHECK(exit.peak_rss_bytes > 100'000);
    CHECK(exit.end_ms >= exit.start_ms);
    CHECK(exit.start_ms > 1'700'000'000'000);
}

TEST_CASE("10 MB of stdin come back as they were")
{
    AgentUnderTest agent;
    std::string sent(10'000'000, '\0');
    for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 2654435761U >> 13);
    const StreamId id = agent.owner.spawn({.argv = {"cat"}});
    std::size_t at = 0;
    REQUIRE(agent.until([&] {
        const std::size_t step = std::min(agent.owner.may_send(id), sent.size() - at);
        agent.owner.send(id, std::span(sent).subspan(at, step));
        at += step;
        if (at == sent.size()) agent.owner.eof(id);
        return !agent.owner.is_open(id);
    }));
    CHECK(agent.text(id, Channel::out) == sent);
}

TEST_CASE("a program that closes its stdin does not hold up the owner")
{
    AgentUnderTest agent;
    const StreamId id = agent.owner.spawn({.argv = {"/bin/sh", "-c", "exec 0<&-; sleep 0.2; echo done"}});
    std::uint64_t sent = 0;
    const std::string chunk(64 << 10, 'x');
    REQUIRE(agent.until([&] {
        const std::size_t step = std::min(agent.owner.may_send(id), chunk.size());
        agent.owner.send(id, std::span(chunk).first(step));
        sent += step;
        return !agent.owner.is_open(id);
    }));
    CHECK(sent > 4U * initial_window);
    CHECK(agent.text(id, Channel::out) == "done\n");
}

TEST_CASE("without input stdin is /dev/null")
{
    AgentUnderTest agent;
    const StreamId id = agent.owner.spawn({.argv = {"readlink", "/proc/self/fd/0"}, .input = false});
    REQUIRE(agent.finish(id));
    CHECK(agent.text(id, Channel::out) == "/dev/null\n");
    CHECK(agent.owner.may_send(id) == 0);
}

TEST_CASE("output stops at the window until the owner has consumed it")
{
    AgentUnderTest agent;
    agent.seen.consume = false;
    const StreamId id = agent.owner.spawn({.argv = {"head", "-c", "1000000", "/dev/zero"}, .window = 100'000});
    const auto received = [&] { return agent.seen.received[{id, Channel::out}]; };
    REQUIRE(agent.until([&] { return received() == 100'000; }));
    CHECK_FALSE(agent.until([&] { return received() > 100'000 || !agent.owner.is_open(id); }, 300ms));
    agent.owner.ping(7);
    CHECK(agent.until([&] { return !agent.seen.pongs.empty(); }));
    agent.seen.consume = true;
    agent.owner.consumed(id, Channel::out, 100'000);
    REQUIRE(agent.finish(id));
    CHECK(received() == 1'000'000);
}

TEST_CASE("one stream without credit does not hold up another")
{
    AgentUnderTest agent;
    agent.seen.consume = false;
    const StreamId stuck = agent.owner.spawn({.argv = {"yes"}, .window = 4'096});
    REQUIRE(agent.until([&] { return agent.seen.received[{stuck, Channel::out}] == 4'096; }));
    CHECK(agent.sh("echo through").code == 0);
    CHECK(agent.out() == "through\n");
}

TEST_CASE("a flood on one channel or stream does not silence another")
{
    AgentUnderTest agent;
    agent.seen.keep = false;
    const auto slowly = [&](const std::function<bool()>& done) {
        return agent.until([&] { return done() || usleep(2'000) != 0; }, 10s);
    };
    const StreamId flood = agent.owner.spawn(
        {.argv = {"/bin/sh", "-c", "cat /dev/zero & sleep 0.3; echo x >&2; wait"}, .window = max_window});
    CHECK(slowly([&] { return agent.seen.received[{flood, Channel::err}] == 2; }));
    const StreamId other = agent.owner.spawn({.argv = {"echo", "through"}});
    CHECK(slowly([&] { return !agent.owner.is_open(other); }));
    CHECK(agent.seen.received[{other, Channel::out}] == 8);
}

TEST_CASE("input for a program that lags behind does not pile up in the agent")
{
    AgentUnderTest agent({.one_shot = false});
    // Its pipe is never empty for long, nor is what waits for it.
    const StreamId id = agent.owner.spawn(
        {.argv = {"/bin/sh", "-c", "i=0; while head -c 100000 | grep -q .; do i=$((i+1)); done; sleep 1000"}});
    const std::string chunk(64 << 10, 'x');
    std::uint64_t sent = 0;
    const auto send_until = [&](std::uint64_t total) {
        return agent.until([&] {
            const std::size_t step = std::min(agent.owner.may_send(id), chunk.size());
            agent.owner.send(id, std::span(chunk).first(step));
            sent += step;
            return sent > total;
        });
    };
    REQUIRE(send_until(2'000'000));
    const std::size_t before = agent.cell().resident_bytes();
    REQUIRE(send_until(16'000'000));
    CHECK(agent.cell().resident_bytes() < before + (3U << 20));
}

TEST_CASE("signals reach the program's group")
{
    AgentUnderTest agent;
    const StreamId id = agent.owner.spawn(
        {.argv = {"/bin/sh", "-c", "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 1; done"}});
    REQUIRE(agent.until([&] { return agent.text(id, Channel::out) == "ready\n"; }));
    agent.owner.signal(id, SIGINT);
    REQUIRE(agent.finish(id));
    CHECK(agent.text(id, Channel::out) == "ready\ncaught\n");
    CHECK(agent.seen.exits.at(id).code == 5);
}

TEST_CASE("SIGKILL from the owner is no out-of-memory kill")
{
    AgentUnderTest agent;
    const StreamId id = agent.owner.spawn({.argv = {"sleep", "1000"}});
    agent.owner.signal(id, SIGKILL);
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.exits.at(id).signal == SIGKILL);
    CHECK_FALSE(agent.seen.exits.at(id).oom);
}

TEST_CASE("children that hold the pipes are swept after the drain time")
{
    AgentUnderTest agent;
    const StreamId id = agent.owner.spawn(
        {.argv = {"/bin/sh", "-c", "setsid sh -c 'echo early; sleep 1000; echo late' & sleep 0.1; exit 4"}});
    REQUIRE(agent.until([&] { return !agent.owner.is_open(id); }, 5s));
    CHECK(agent.seen.exits.at(id).code == 4);
    CHECK(agent.text(id, Channel::out) == "early\n");
    CHECK(agent.cell().processes() == 1);
}

TEST_CASE("what children write within the drain time is kept")
{
    AgentUnderTest agent;
    const StreamId id =
        agent.owner.spawn({.argv = {"/bin/sh", "-c", "(sleep 0.2; echo late) & exit 0"}, .drain_ms = 5'000});
    REQUIRE(agent.finish(id));
    CHECK(agent.text(id, Channel::out) == "late\n");
}

TEST_CASE("children without the pipes are swept too")
{
    AgentUnderTest agent;
    agent.sh("setsid sleep 1000 >/dev/null 2>&1 </dev/null & exit 0");
    CHECK(agent.cell().processes() == 1);
}

TEST_CASE("outside a one-shot sandbox the sweep spares other programs")
{
    AgentUnderTest agent({.one_shot = false});
    const StreamId other = agent.owner.spawn({.argv = {"sleep", "1000"}});
    CHECK(agent.sh("sleep 1000 & exit 0").code == 0);
    CHECK(agent.owner.is_open(other));
    CHECK(agent.until([&] { return agent.cell().processes() == 2; }, 5s));
}

TEST_CASE("a slow reader gets all of the output of a program that has ended")
{
    AgentUnderTest agent;
    agent.seen.consume = false;
    const StreamId id = agent.owner.spawn({.argv = {"head", "-c", "150000", "/dev/zero"}, .window = 1'000});
    const auto received = [&] { return agent.seen.received[{id, Channel::out}]; };
    std::uint64_t returned = 0;
    REQUIRE(agent.until([&] {
        agent.owner.consumed(id, Channel::out, received() - returned);
        returned = received();
        return !agent.owner.is_open(id);
    }));
    CHECK(received() == 150'000);
}

TEST_CASE("extra channels carry bytes both ways on their own descriptors")
{
    AgentUnderTest agent;
    const StreamId id = agent.owner.spawn(
        {.argv = {"/bin/bash", "-c", "read -r line <&4; echo \"got $line\" >&4; echo three >&3"}, .channels = {3, 4}});
    const std::string line = "hello\n";
    agent.owner.send(id, line, 4);
    REQUIRE(agent.finish(id));
    CHECK(agent.text(id, 4) == "got hello\n");
    CHECK(agent.text(id, 3) == "three\n");
    CHECK(agent.seen.exits.at(id).code == 0);
}

TEST_CASE("what a program writes on an extra channel comes after all that it wrote before to stdout and stderr")
{
    AgentUnderTest agent;
    std::string order;
    agent.seen.on_bytes = [&](int channel, std::span<const char> bytes) {
        for (const char c : bytes)
            if (c == '.' || c == '!') order += channel == 4 ? 'x' : c;
    };
    // Each round: a line on stdout, one on stderr, one on the channel.
    const StreamId id = agent.owner.spawn(
        {.argv = {"/bin/bash", "-c", "for i in {1..3000}; do echo . ; echo ! >&2; echo . >&4; done"}, .channels = {4}});
    REQUIRE(agent.finish(id));
    REQUIRE(order.size() == 9'000);
    std::map<char, int> count;
    bool in_order = true;
    for (const char c : order) {
        ++count[c];
        if (c == 'x') in_order = in_order && count['.'] >= count['x'] && count['!'] >= count['x'];
    }
    CHECK(in_order);
}

TEST_CASE("an extra channel waits for stdout without an owner that reads it, and comes after it")
{
    AgentUnderTest agent;
    agent.seen.consume = false;
    const StreamId id = agent.owner.spawn(
        {.argv = {"/bin/bash", "-c", "head -c 300000 /dev/zero; echo said >&4"}, .channels = {4}, .window = 65'536});
    CHECK_FALSE(agent.until([&] { return !agent.text(id, 4).empty(); }, 300ms));
    agent.owner.consumed(id, Channel::out, agent.text(id, Channel::out).size());
    agent.seen.consume = true;
    REQUIRE(agent.finish(id));
    CHECK(agent.text(id, Channel::out).size() == 300'000);
    CHECK(agent.text(id, 4) == "said\n");
}

TEST_CASE("a program starts only after another one that it follows has ended well")
{
    AgentUnderTest agent;
    const StreamId good = agent.owner.spawn({.argv = {"/bin/sh", "-c", "sleep 0.2; echo compiled > /work/a"}});
    const StreamId next = agent.owner.spawn({.after = good, .argv = {"cat", "/work/a"}});
    const StreamId bad = agent.owner.spawn({.after = next, .argv = {"false"}});
    const StreamId never = agent.owner.spawn({.after = bad, .argv = {"echo", "no"}});
    REQUIRE(agent.finish(never));
    CHECK(agent.text(next, Channel::out) == "compiled\n");
    CHECK(agent.seen.exits.at(bad).code == 1);
    CHECK(agent.seen.errors.at(never).code == FailureCode::cancelled);
}

TEST_CASE("a signal to a program that has not started ends it as though it had")
{
    AgentUnderTest agent;
    const StreamId slow = agent.owner.spawn({.argv = {"sleep", "1000"}});
    const StreamId never = agent.owner.spawn({.after = slow, .argv = {"touch", "/work/a"}});
    const StreamId detached = agent.owner.spawn({.after = slow, .argv = {"touch", "/work/a"}, .detached = true});
    for (const int harmless : {0, SIGWINCH, SIGCONT}) agent.owner.signal(never, harmless);
    agent.owner.signal(never, SIGTERM);
    REQUIRE(agent.finish(never));
    CHECK(agent.seen.exits.at(never).signal == SIGTERM);
    agent.owner.signal(detached, SIGTERM);
    REQUIRE(agent.finish(detached));
    CHECK(agent.seen.errors.at(detached).code == FailureCode::cancelled);
    agent.owner.close(slow);
    REQUIRE(agent.finish(slow));
}

TEST_CASE("closing a program's stream kills it")
{
    AgentUnderTest agent;
    const StreamId id = agent.owner.spawn({.argv = {"sleep", "1000"}});
    agent.owner.close(id);
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.exits.at(id).signal == SIGKILL);
}
