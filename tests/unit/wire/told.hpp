#pragma once

#include "core/wire/owner.hpp"

#include <span>
#include <string>
#include <vector>

namespace test {

using namespace sbx::wire;

/// What was told, as lines.
struct Told : Events {
    void on_hello(const Hello&) override { lines.emplace_back("hello"); }
    void on_pong(std::uint64_t nonce) override { lines.push_back("pong " + std::to_string(nonce)); }
    void on_data(StreamId id, std::uint8_t channel, std::span<const char> bytes) override
    {
        say("data", id, std::to_string(channel) + " " + std::string(bytes.data(), bytes.size()));
    }
    void on_eof(StreamId id, std::uint8_t channel) override { say("eof", id, std::to_string(channel)); }
    void on_exit(StreamId id, const Exit& exit) override { say("exit", id, std::to_string(exit.code)); }
    void on_reply(StreamId id, const Reply& reply) override { say("reply", id, std::to_string(reply.bytes)); }
    void on_error(StreamId id, const Failure& failure) override { say("error", id, failure.message); }
    void on_entries(StreamId id, std::span<const Entry> entries) override
    {
        say("entries", id, std::to_string(entries.size()));
    }
    void on_changed(StreamId id, const Changed& changed) override { say("changed", id, changed.path); }
    void on_started(StreamId id, std::uint64_t process) override { say("started", id, std::to_string(process)); }
    void on_processes(StreamId id, std::span<const ProcessInfo> processes) override
    {
        say("processes", id, std::to_string(processes.size()));
    }
    void on_attached(StreamId id, const Attached& attached) override
    {
        say("attached", id, std::to_string(attached.process));
    }
    void on_measured(StreamId id, const Measured& measured) override
    {
        say("measured", id, std::to_string(measured.memory_bytes));
    }
    void on_credit(StreamId id, std::uint8_t channel) override { say("credit", id, std::to_string(channel)); }
    void on_opened(StreamId id) override { say("opened", id, ""); }
    void on_proxy(StreamId id, const Proxy& proxy) override { say("proxy", id, proxy.host); }
    void on_name_refused(const NameRefused& name) override { say("name_refused", 0, name.host); }
    void say(const char* what, StreamId id, const std::string& text)
    {
        lines.push_back(std::string(what) + " " + std::to_string(id) + " " + text);
    }

    std::vector<std::string> lines;
};

template <class Message>
std::string frame(Type type, StreamId stream, const Message& message, std::uint8_t channel = 0)
{
    std::string bytes;
    append_frame(bytes, type, channel, stream, encode(message));
    return bytes;
}

}  // namespace test
