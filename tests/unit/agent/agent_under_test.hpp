#pragma once

#include "cell.hpp"
#include "core/wire/owner.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace test {

/// Keeps what the agent says.
struct Recorder : sbx::wire::Events {
    using StreamId = sbx::wire::StreamId;

    void on_hello(const sbx::wire::Hello& value) override { hello = value; }
    void on_pong(std::uint64_t nonce) override { pongs.push_back(nonce); }
    void on_data(StreamId id, std::uint8_t channel, std::span<const char> bytes) override
    {
        if (keep) data[{id, channel}].append(bytes.data(), bytes.size());
        received[{id, channel}] += bytes.size();
        if (on_bytes) on_bytes(channel, bytes);
        if (consume) owner->consumed(id, channel, bytes.size());
    }
    void on_exit(StreamId id, const sbx::wire::Exit& value) override { exits[id] = value; }
    void on_reply(StreamId id, const sbx::wire::Reply& value) override { replies[id] = value; }
    void on_error(StreamId id, const sbx::wire::Failure& value) override { errors[id] = value; }
    void on_entries(StreamId id, std::span<const sbx::wire::Entry> value) override
    {
        entries[id].insert(entries[id].end(), value.begin(), value.end());
    }

    void on_changed(StreamId id, const sbx::wire::Changed& value) override
    {
        changes[id].push_back(value);
        if (consume) owner->consumed(id, sbx::wire::Channel::input, 1);
    }
    void on_eof(StreamId id, std::uint8_t) override { ended.insert(id); }
    void on_opened(StreamId id) override { opened.insert(id); }
    void on_started(StreamId id, std::uint64_t process) override { started[id] = process; }
    void on_processes(StreamId id, std::span<const sbx::wire::ProcessInfo> value) override
    {
        for (const auto& info : value) processes[id][info.process] = info;
    }
    void on_attached(StreamId id, const sbx::wire::Attached& value) override { attached[id] = value; }
    void on_proxy(StreamId id, const sbx::wire::Proxy& value) override
    {
        proxies[id] = value;
        if (accept) owner->accept(id);
    }
    void on_name_refused(const sbx::wire::NameRefused& value) override { refused_names.push_back(value.host); }
    void on_measured(StreamId id, const sbx::wire::Measured& value) override { measured[id] = value; }

    sbx::wire::Owner* owner = nullptr;
    bool keep = true;     ///< the bytes, not only their count
    bool consume = true;  ///< give credit back at once
    bool accept = false;  ///< every connection to the outside
    std::function<void(int channel, std::span<const char> bytes)> on_bytes;
    std::optional<sbx::wire::Hello> hello;
    std::vector<std::uint64_t> pongs;
    std::map<std::pair<StreamId, int>, std::string> data;
    std::map<std::pair<StreamId, int>, std::uint64_t> received;
    std::map<StreamId, sbx::wire::Exit> exits;
    std::map<StreamId, sbx::wire::Reply> replies;
    std::map<StreamId, sbx::wire::Failure> errors;
    std::map<StreamId, std::vector<sbx::wire::Entry>> entries;
    std::map<StreamId, std::vector<sbx::wire::Changed>> changes;
    std::set<StreamId> ended;  ///< by an eof
    std::set<StreamId> opened;
    std::map<StreamId, std::uint64_t> started;
    std::map<StreamId, std::map<std::uint64_t, sbx::wire::ProcessInfo>> processes;
    std::map<StreamId, sbx::wire::Attached> attached;
    std::map<StreamId, sbx::wire::Proxy> proxies;
    std::vector<std::string> refused_names;
    std::map<StreamId, sbx::wire::Measured> measured;
};

/// An owner at the other end of two pipes.
class OwnerUnderTest {
   public:
    OwnerUnderTest();
    ~OwnerUnderTest();
    OwnerUnderTest(const OwnerUnderTest&) = delete;
    OwnerUnderTest& operator=(const OwnerUnderTest&) = delete;

    sbx::wire::Owner owner;
    Recorder seen;

    /// Moves bytes both ways until `done`, the end of the agent's bytes, or `patience`. @return done()
    bool until(const std::function<bool()>& done, std::chrono::milliseconds patience = std::chrono::seconds(30));
    /// Until the stream has ended in any way.
    bool finish(sbx::wire::StreamId id);
    /// Runs a program to its end. Fails the test when it could not be run.
    sbx::wire::Exit run(sbx::wire::Spawn spawn);
    sbx::wire::Exit sh(const std::string& script);
    /// The last run's output.
    std::string out() const { return text(last_, sbx::wire::Channel::out); }
    std::string err() const { return text(last_, sbx::wire::Channel::err); }
    std::string text(sbx::wire::StreamId id, int channel) const;

    /// Bytes that no owner would send.
    void send_raw(const std::string& bytes);
    void close_input();
    /// @return whether the agent's bytes came to an end in time
    bool is_dropped(std::chrono::milliseconds patience = std::chrono::seconds(10));

   protected:
    /// The other ends, for whoever is to be at them. Called once.
    std::pair<int, int> other_ends();

   private:
    void exchange(std::chrono::milliseconds patience);

    int to_agent_ = -1;
    int from_agent_ = -1;
    int agents_in_ = -1;
    int agents_out_ = -1;
    std::string outgoing_;
    bool closed_ = false;
    sbx::wire::StreamId last_ = 0;
};

/// The real agent in a cell, with an owner at the other end of its pipes. The agent of another architecture runs under
/// qemu-user.
class AgentUnderTest : public OwnerUnderTest {
   public:
    struct Options {
        bool claim = true;
        bool one_shot = true;
        std::chrono::milliseconds lease{60'000};
        std::size_t work_bytes = 64U << 20;
        std::size_t memory_bytes = 0;
        unsigned pids = 0;
        std::vector<std::string> arguments;
    };

    AgentUnderTest() : AgentUnderTest(Options{}) {}
    explicit AgentUnderTest(const Options& options);

    Cell& cell() { return *cell_; }
    /// @return whether process 1 ended in time
    bool ends(std::chrono::milliseconds patience = std::chrono::seconds(10));

   private:
    std::unique_ptr<Cell> cell_;
};

/// Another owner, who comes over the agent's socket and has said hello.
class Visitor : public OwnerUnderTest {
   public:
    explicit Visitor(AgentUnderTest& agent, uid_t uid = 0);
};

/// What a stream's error says, for comparing.
std::string explain(const sbx::wire::Failure& failure);

}  // namespace test
