#include "core/sandbox/relay_stream.hpp"

#include <algorithm>
#include <concepts>
#include <csignal>

namespace sbx {
namespace {

using wire::StreamId;
using wire::Type;

constexpr std::size_t remembered_ends = 64;                   // as many as the agent remembers
constexpr std::size_t most_outgoing = std::size_t{64} << 20;  // far above all windows of a client's streams
constexpr std::size_t most_streams = 128;
constexpr std::uint32_t highest_signal = 64;

}  // namespace

Relay::Relay(AgentLink& agent, KeptLife& life, Turns& turns, std::string token)
    : agent_(agent), life_(life), turns_(turns), taker_(turns.new_client()), token_(std::move(token))
{
}

Relay::~Relay()
{
    for (const auto& [client, stream] : streams_) {
        if (stream->interrupt_when_lost) agent_.owner().signal(stream->agent(), SIGINT);
        agent_.abandon(stream->agent());
    }
    places_.clear();
    agent_.flush();
}

const char* Relay::feed(std::span<const char> bytes)
{
    const char* refusal = decoder_.feed(bytes, *this);
    agent_.flush();
    return refusal;
}

bool Relay::is_overfull() const
{
    return outgoing_.size() > most_outgoing;
}

std::size_t Relay::programs() const
{
    return static_cast<std::size_t>(
        std::ranges::count_if(streams_, [](const auto& entry) { return entry.second->type == Type::spawn; }));
}

void Relay::remember_end(StreamId client, StreamId agent)
{
    streams_.erase(client);
    ended_.emplace_back(client, agent);
    if (ended_.size() > remembered_ends) ended_.pop_front();
}

const char* Relay::on_control(const wire::Header& header, std::string_view json)
{
    if (header.type == Type::hello) return on_hello(json);
    if (!greeted_) return "frame before hello";
    if (header.stream == 0) return on_connection(header, json);
    const auto at = streams_.find(header.stream);
    if (at != streams_.end()) return on_stream(*at->second, header, json);
    if (places_.contains(header.stream)) return on_place(header, json);
    if (header.stream > last_opened_) return on_open(header, json);
    return nullptr;  // it has just ended
}

const char* Relay::on_bytes(const wire::Header& header, std::span<const char> piece)
{
    const auto at = streams_.find(header.stream);
    if (at != streams_.end()) return at->second->take(header.channel, piece);
    return header.stream > last_opened_ ? "data for a stream that was never opened" : nullptr;
}

const char* Relay::on_open(const wire::Header& header, std::string_view json)
{
    if (header.stream % 2 == 0) return "stream number out of order";
    last_opened_ = header.stream;
    if (header.type == Type::claim) return on_claim(header.stream, json);
    if (header.type == Type::change_egress) return on_change_egress(header.stream, json);
    if (header.type == Type::turn) return on_turn(header.stream, json);
    using wire::Owner;
    switch (header.type) {
        case Type::spawn:
            return reissue(header, json, &Owner::spawn);
        case Type::processes:
            return reissue(header, json, &Owner::processes);
        case Type::attach:
            return reissue(header, json, &Owner::attach);
        case Type::measure:
            return reissue(header, json, &Owner::measure);
        case Type::stat:
            return reissue(header, json, &Owner::stat);
        case Type::list:
            return reissue(header, json, &Owner::list);
        case Type::read:
            return reissue(header, json, &Owner::read);
        case Type::write:
            return reissue(header, json, &Owner::write);
        case Type::mkdir:
            return reissue(header, json, &Owner::mkdir);
        case Type::move:
            return reissue(header, json, &Owner::move);
        case Type::remove:
            return reissue(header, json, &Owner::remove);
        case Type::watch:
            return reissue(header, json, &Owner::watch);
        case Type::tar_in:
            return reissue(header, json, &Owner::tar_in);
        case Type::tar_out:
            return reissue(header, json, &Owner::tar_out);
        case Type::connect:
            return reissue(header, json, &Owner::connect);
        default:
            return "frame for a stream that was never opened";
    }
}

bool Relay::has_room() const
{
    return streams_.size() + places_.size() < most_streams;
}

template <class Message>
const char* Relay::reissue(const wire::Header& header, std::string_view json,
                           StreamId (wire::Owner::*operation)(const Message&))
{
    Message message;
    if (const char* refusal = wire::decode(json, message)) return refusal;
    if (!claimed_) return fail(header.stream, wire::FailureCode::denied, "not claimed"), nullptr;
    if (!has_room()) return fail(header.stream, wire::FailureCode::too_large, "too many operations at once"), nullptr;
    if (message.after != 0) {
        const auto open = streams_.find(message.after);
        const auto ended = std::ranges::find(ended_, message.after, &std::pair<StreamId, StreamId>::first);
        if (open == streams_.end() && ended == ended_.end())
            return fail(header.stream, wire::FailureCode::invalid, "after an unknown stream"), nullptr;
        message.after = open != streams_.end() ? open->second->agent() : ended->second;
    }
    const StreamId agent = (agent_.owner().*operation)(message);
    auto stream = std::make_unique<Stream>(*this, header.stream, agent, header.type);
    if constexpr (std::same_as<Message, wire::Attach>) stream->interrupt_when_lost = message.interrupt;
    agent_.attach_sink(agent, *stream);
    streams_.emplace(header.stream, std::move(stream));
    return nullptr;
}

const char* Relay::on_stream(Stream& stream, const wire::Header& header, std::string_view json)
{
    if (stream.is_shut() && header.type != Type::credit) return nullptr;
    wire::Owner& owner = agent_.owner();
    wire::Nothing nothing;
    wire::Credit credit;
    wire::Resize size;
    wire::Signal signal;
    const char* refusal = nullptr;
    switch (header.type) {
        case Type::eof:
            refusal = wire::decode(json, nothing);
            if (refusal != nullptr) return refusal;
            owner.eof(stream.agent(), header.channel);
            return nullptr;
        case Type::close:
            refusal = wire::decode(json, nothing);
            if (refusal != nullptr) return refusal;
            owner.close(stream.agent());
            stream.interrupt_when_lost = false;
            return nullptr;
        case Type::credit:
            refusal = wire::decode(json, credit);
            if (refusal != nullptr) return refusal;
            owner.consumed(stream.agent(), header.channel, credit.bytes);
            return nullptr;
        case Type::resize:
            refusal = wire::decode(json, size);
            if (refusal != nullptr) return refusal;
            owner.resize(stream.agent(), size);
            return nullptr;
        case Type::signal:
            refusal = wire::decode(json, signal);
            if (refusal != nullptr) return refusal;
            if (signal.signal > highest_signal || signal.target != wire::Target::group) return "no such signal";
            owner.signal(stream.agent(), static_cast<int>(signal.signal));
            return nullptr;
        default:
            return "a stream was opened twice";
    }
}

}  // namespace sbx
