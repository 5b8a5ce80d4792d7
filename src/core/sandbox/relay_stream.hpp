#pragma once

#include "core/sandbox/relay.hpp"

#include <algorithm>
#include <utility>

namespace sbx {

template <class Message>
void Relay::send(wire::Type type, wire::StreamId client, const Message& message, std::uint8_t channel)
{
    wire::append_frame(outgoing_, type, channel, client, wire::encode(message));
}

/// Written anew it may be longer than the agent had it, which left out what is a default.
template <class List, class Item>
void Relay::send_list(wire::Type type, wire::StreamId client, std::span<const Item> items)
{
    const std::string json = wire::encode(List{{items.begin(), items.end()}});
    if (json.size() <= wire::max_control_to_owner || items.size() == 1) {
        wire::append_frame(outgoing_, type, 0, client, json);
        return;
    }
    send_list<List>(type, client, items.first(items.size() / 2));
    send_list<List>(type, client, items.subspan(items.size() / 2));
}

/// One operation of the client under way.
class Relay::Stream : public StreamSink {
   public:
    Stream(Relay& relay, wire::StreamId client, wire::StreamId agent, wire::Type type_)
        : type(type_), relay_(relay), client_(client), agent_(agent)
    {
    }

    const wire::Type type;
    bool interrupt_when_lost = false;

    wire::StreamId agent() const { return agent_; }

    /// The client sends: never more than it may, as its window is the one towards the agent.
    const char* take(std::uint8_t channel, std::span<const char> bytes)
    {
        if (is_shut_) return nullptr;
        std::uint32_t& window = window_of(channel);
        if (bytes.size() > window) return "data beyond the window";
        window -= static_cast<std::uint32_t>(bytes.size());
        owner().send(agent_, bytes, channel);
        return nullptr;
    }

    bool is_shut() const { return is_shut_; }
    /// Nothing of the client's goes on from now on, and the stream ends.
    void shut()
    {
        if (std::exchange(is_shut_, true)) return;
        interrupt_when_lost = false;
        owner().close(agent_);
    }

    void on_data(std::uint8_t channel, std::span<const char> bytes) override
    {
        for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), wire::max_data_bytes))) {
            const auto piece = bytes.first(std::min(bytes.size(), wire::max_data_bytes));
            wire::append_frame(relay_.outgoing_, wire::Type::data, channel, client_, {piece.data(), piece.size()});
        }
    }
    void on_eof(std::uint8_t channel) override { relay_.send(wire::Type::eof, client_, wire::Nothing{}, channel); }
    void on_entries(std::span<const wire::Entry> entries) override
    {
        relay_.send_list<wire::Entries>(wire::Type::entries, client_, entries);
    }
    void on_processes(std::span<const wire::ProcessInfo> processes) override
    {
        relay_.send_list<wire::ProcessList>(wire::Type::process_list, client_, processes);
    }
    void on_started(std::uint64_t process) override
    {
        relay_.send(wire::Type::started, client_, wire::Started{process});
    }
    void on_attached(const wire::Attached& attached) override { relay_.send(wire::Type::attached, client_, attached); }
    void on_changed(const wire::Changed& changed) override { relay_.send(wire::Type::changed, client_, changed); }
    void on_measured(const wire::Measured& measured) override { relay_.send(wire::Type::measured, client_, measured); }
    void on_opened() override { relay_.send(wire::Type::opened, client_, wire::Nothing{}); }
    void on_credit(std::uint8_t channel) override
    {
        std::uint32_t& window = window_of(channel);
        const auto now = static_cast<std::uint32_t>(owner().may_send(agent_, channel));
        if (now > window) relay_.send(wire::Type::credit, client_, wire::Credit{now - window}, channel);
        window = std::max(window, now);
    }
    bool on_end(const Outcome& outcome) override
    {
        if (type == wire::Type::spawn) relay_.life_.program_ended();
        if (const auto* exit = std::get_if<wire::Exit>(&outcome)) relay_.send(wire::Type::exit, client_, *exit);
        if (const auto* reply = std::get_if<wire::Reply>(&outcome)) relay_.send(wire::Type::reply, client_, *reply);
        if (const auto* failure = std::get_if<wire::Failure>(&outcome))
            relay_.send(wire::Type::error, client_, *failure);
        relay_.remember_end(client_, agent_);  // this is gone
        return true;
    }

   private:
    wire::Owner& owner() const { return relay_.agent_.owner(); }

    /// What the client may still send.
    std::uint32_t& window_of(std::uint8_t channel)
    {
        const auto may_send = static_cast<std::uint32_t>(owner().may_send(agent_, channel));
        return windows_.try_emplace(channel, may_send).first->second;
    }

    Relay& relay_;
    wire::StreamId client_;
    wire::StreamId agent_;
    std::map<std::uint8_t, std::uint32_t> windows_;
    bool is_shut_ = false;
};

}  // namespace sbx
