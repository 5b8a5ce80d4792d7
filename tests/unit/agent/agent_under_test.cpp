#include "agent_under_test.hpp"

#include "catch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

namespace test {

using namespace std::chrono_literals;
using sbx::wire::StreamId;

namespace {

std::vector<std::string> command_of_agent(const std::vector<std::string>& arguments)
{
    std::vector<std::string> command{"/agent"};
    if (const std::string emulator = SBX_AGENT_EMULATOR; !emulator.empty()) command.insert(command.begin(), emulator);
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
}

}  // namespace

OwnerUnderTest::OwnerUnderTest()
{
    signal(SIGPIPE, SIG_IGN);
    int in[2];
    int out[2];
    REQUIRE(pipe2(in, O_CLOEXEC) == 0);
    REQUIRE(pipe2(out, O_CLOEXEC) == 0);
    agents_in_ = in[0];
    agents_out_ = out[1];
    to_agent_ = in[1];
    from_agent_ = out[0];
    fcntl(to_agent_, F_SETFL, O_NONBLOCK);
    fcntl(from_agent_, F_SETFL, O_NONBLOCK);
    seen.owner = &owner;
    owner.hello();
}

OwnerUnderTest::~OwnerUnderTest()
{
    close_input();
    if (from_agent_ >= 0) close(from_agent_);
}

std::pair<int, int> OwnerUnderTest::other_ends()
{
    return {agents_in_, agents_out_};
}

AgentUnderTest::AgentUnderTest(const Options& options)
{
    Cell::Options cell{.command = command_of_agent(options.arguments),
                       .program = SBX_AGENT_PROGRAM,
                       .work_bytes = options.work_bytes,
                       .memory_bytes = options.memory_bytes,
                       .pids = options.pids};
    const auto [in, out] = other_ends();
    cell_ = std::make_unique<Cell>(cell, in, out);
    if (!options.claim) return;
    owner.claim({.token = "secret",
                 .lease_ms = static_cast<std::uint64_t>(options.lease.count()),
                 .one_shot = options.one_shot});
}

Visitor::Visitor(AgentUnderTest& agent, uid_t uid)
{
    const auto [in, out] = other_ends();
    agent.cell().exec(command_of_agent({"connect"}), in, out, uid);
}

void OwnerUnderTest::exchange(std::chrono::milliseconds patience)
{
    outgoing_ += owner.take_outgoing();
    pollfd descriptors[] = {{from_agent_, POLLIN, 0},
                            {to_agent_, static_cast<short>(outgoing_.empty() ? 0 : POLLOUT), 0}};
    poll(descriptors, to_agent_ < 0 ? 1 : 2, static_cast<int>(patience.count()));
    if (to_agent_ >= 0 && (descriptors[1].revents & POLLOUT) != 0) {
        const long written = write(to_agent_, outgoing_.data(), outgoing_.size());
        if (written > 0) outgoing_.erase(0, static_cast<std::size_t>(written));
    }
    if (descriptors[0].revents == 0) return;
    static char bytes[256 << 10];
    const long count = read(from_agent_, bytes, sizeof bytes);
    if (count == 0) closed_ = true;
    if (count > 0) REQUIRE(owner.feed({bytes, static_cast<std::size_t>(count)}, seen));
}

bool OwnerUnderTest::until(const std::function<bool()>& done, std::chrono::milliseconds patience)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    bool is_done = done();
    while (!is_done && !closed_ && std::chrono::steady_clock::now() < deadline) {
        exchange(20ms);
        is_done = done();
    }
    return is_done;
}

bool OwnerUnderTest::finish(StreamId id)
{
    return until([&] { return !owner.is_open(id); });
}

sbx::wire::Exit OwnerUnderTest::run(sbx::wire::Spawn spawn)
{
    last_ = owner.spawn(spawn);
    owner.eof(last_);
    REQUIRE(finish(last_));
    if (seen.errors.contains(last_)) FAIL(explain(seen.errors[last_]));
    return seen.exits.at(last_);
}

sbx::wire::Exit OwnerUnderTest::sh(const std::string& script)
{
    return run({.argv = {"/bin/sh", "-c", script}});
}

std::string OwnerUnderTest::text(StreamId id, int channel) const
{
    const auto at = seen.data.find({id, channel});
    return at == seen.data.end() ? "" : at->second;
}

void OwnerUnderTest::send_raw(const std::string& bytes)
{
    outgoing_ += owner.take_outgoing() + bytes;
    until([&] { return outgoing_.empty(); });
}

void OwnerUnderTest::close_input()
{
    if (to_agent_ >= 0) close(to_agent_);
    to_agent_ = -1;
}

bool OwnerUnderTest::is_dropped(std::chrono::milliseconds patience)
{
    until([&] { return closed_; }, patience);
    return closed_;
}

bool AgentUnderTest::ends(std::chrono::milliseconds patience)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    is_dropped(patience);
    while (!cell_->has_ended() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return cell_->has_ended();
}

std::string explain(const sbx::wire::Failure& failure)
{
    const sbx::Error error = to_error(failure);
    return std::string(sbx::name_of(error.code)) + ": " + error.message;
}

}  // namespace test
