#include "core/sandbox/relay.hpp"

#include <openssl/crypto.h>

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
constexpr std::uint64_t longest_life_ms = 24ULL * 3'600'000;

bool same(const std::string& a, const std::string& b)
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

wire::FailureCode code_of(Errc code)
{
    switch (code) {
        case Errc::invalid_argument:
            return wire::FailureCode::invalid;
        case Errc::permission_denied:
            return wire::FailureCode::denied;
        case Errc::not_found:
            return wire::FailureCode::not_found;
        case Errc::conflict:
            return wire::FailureCode::exists;
        case Errc::resource_exhausted:
            return wire::FailureCode::too_large;
        default:
            return wire::FailureCode::internal;
    }
}

}  // namespace

/// One operation of the client under way.
class Relay::Stream : public StreamSink {
   public:
    Stream(Relay& relay, StreamId client, StreamId agent, Type type_)
        : type(type_), relay_(relay), client_(client), agent_(agent)
    {
    }

    const Type type;
    bool interrupt_when_lost = false;

    StreamId agent() const { return agent_; }

    /// The client sends: never more than it may, as its window is the one towards the agent.
    const char* take(std::uint8_t channel, std::span<const char> bytes)
    {
        std::uint32_t& window = window_of(channel);
        if (bytes.size() > window) return "data beyond the window";
        window -= static_cast<std::uint32_t>(bytes.size());
        owner().send(agent_, bytes, channel);
        return nullptr;
    }

    void on_data(std::uint8_t channel, std::span<const char> bytes) override
    {
        for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), wire::max_data_bytes))) {
            const auto piece = bytes.first(std::min(bytes.size(), wire::max_data_bytes));
            wire::append_frame(relay_.outgoing_, Type::data, channel, client_, {piece.data(), piece.size()});
        }
    }
    void on_eof(std::uint8_t channel) override { relay_.send(Type::eof, client_, wire::Nothing{}, channel); }
    void on_entries(std::span<const wire::Entry> entries) override
    {
        relay_.send_list<wire::Entries>(Type::entries, client_, entries);
    }
    void on_processes(std::span<const wire::ProcessInfo> processes) override
    {
        relay_.send_list<wire::ProcessList>(Type::process_list, client_, processes);
    }
    void on_started(std::uint64_t process) override { relay_.send(Type::started, client_, wire::Started{process}); }
    void on_attached(const wire::Attached& attached) override { relay_.send(Type::attached, client_, attached); }
    void on_changed(const wire::Changed& changed) override { relay_.send(Type::changed, client_, changed); }
    void on_measured(const wire::Measured& measured) override { relay_.send(Type::measured, client_, measured); }
    void on_opened() override { relay_.send(Type::opened, client_, wire::Nothing{}); }
    void on_credit(std::uint8_t channel) override
    {
        std::uint32_t& window = window_of(channel);
        const auto now = static_cast<std::uint32_t>(owner().may_send(agent_, channel));
        if (now > window) relay_.send(Type::credit, client_, wire::Credit{now - window}, channel);
        window = std::max(window, now);
    }
    bool on_end(const Outcome& outcome) override
    {
        if (type == Type::spawn) relay_.life_.program_ended();
        if (const auto* exit = std::get_if<wire::Exit>(&outcome)) relay_.send(Type::exit, client_, *exit);
        if (const auto* reply = std::get_if<wire::Reply>(&outcome)) relay_.send(Type::reply, client_, *reply);
        if (const auto* failure = std::get_if<wire::Failure>(&outcome)) relay_.send(Type::error, client_, *failure);
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
    StreamId client_;
    StreamId agent_;
    std::map<std::uint8_t, std::uint32_t> windows_;
};

Relay::Relay(AgentLink& agent, KeptLife& life, std::string token) : agent_(agent), life_(life), token_(std::move(token))
{
}

Relay::~Relay()
{
    for (const auto& [client, stream] : streams_) {
        if (stream->interrupt_when_lost) agent_.owner().signal(stream->agent(), SIGINT);
        agent_.abandon(stream->agent());
    }
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

template <class Message>
void Relay::send(Type type, StreamId client, const Message& message, std::uint8_t channel)
{
    wire::append_frame(outgoing_, type, channel, client, wire::encode(message));
}

/// Written anew it may be longer than the agent had it, which left out what is a default.
template <class List, class Item>
void Relay::send_list(Type type, StreamId client, std::span<const Item> items)
{
    const std::string json = wire::encode(List{{items.begin(), items.end()}});
    if (json.size() <= wire::max_control_to_owner || items.size() == 1) {
        wire::append_frame(outgoing_, type, 0, client, json);
        return;
    }
    send_list<List>(type, client, items.first(items.size() / 2));
    send_list<List>(type, client, items.subspan(items.size() / 2));
}

void Relay::fail(StreamId client, wire::FailureCode code, std::string_view message)
{
    wire::Failure failure;
    failure.code = code;
    failure.message = message;
    send(Type::error, client, failure);
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
    if (header.stream > last_opened_) return on_open(header, json);
    return nullptr;  // it has just ended
}

const char* Relay::on_bytes(const wire::Header& header, std::span<const char> piece)
{
    const auto at = streams_.find(header.stream);
    if (at != streams_.end()) return at->second->take(header.channel, piece);
    return header.stream > last_opened_ ? "data for a stream that was never opened" : nullptr;
}

const char* Relay::on_hello(std::string_view json)
{
    wire::Hello hello;
    if (const char* refusal = wire::decode(json, hello)) return refusal;
    if (greeted_ || hello.version != wire::protocol_version) return "unexpected hello";
    greeted_ = true;
    send(Type::hello, 0, wire::Hello{});
    return nullptr;
}

const char* Relay::on_connection(const wire::Header& header, std::string_view json)
{
    wire::Ping ping;
    wire::Lease lease;
    wire::Signal signal;
    const char* refusal = nullptr;
    switch (header.type) {
        case Type::ping:
            refusal = wire::decode(json, ping);
            if (refusal != nullptr) return refusal;
            send(Type::pong, 0, ping);
            return nullptr;
        case Type::lease:
            refusal = wire::decode(json, lease);
            if (refusal != nullptr || !claimed_) return refusal;
            life_.live_for(std::chrono::milliseconds(std::min(lease.ms, longest_life_ms)), asked_programs_);
            return nullptr;
        case Type::shutdown:
            if (claimed_) life_.end_now(asked_programs_);
            return nullptr;
        case Type::signal:
            refusal = wire::decode(json, signal);
            if (refusal != nullptr || !claimed_) return refusal;
            if (signal.target != wire::Target::all || signal.signal > highest_signal) return "a signal to no process";
            asked_programs_ = true;
            agent_.owner().signal_all(static_cast<int>(signal.signal));
            return nullptr;
        default:
            return nullptr;  // a client that is stopped costs the sandbox nothing
    }
}

const char* Relay::on_open(const wire::Header& header, std::string_view json)
{
    if (header.stream % 2 == 0) return "stream number out of order";
    last_opened_ = header.stream;
    if (header.type == Type::claim) return on_claim(header.stream, json);
    if (header.type == Type::change_egress) return on_change_egress(header.stream, json);
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

const char* Relay::on_claim(StreamId client, std::string_view json)
{
    wire::Claim claim;
    if (const char* refusal = wire::decode(json, claim)) return refusal;
    claimed_ = claimed_ || same(claim.token, token_);
    if (claimed_)
        send(Type::reply, client, wire::Reply{});
    else
        fail(client, wire::FailureCode::denied, "a wrong token");
    return nullptr;
}

const char* Relay::on_change_egress(StreamId client, std::string_view json)
{
    wire::ChangeEgress change;
    if (const char* refusal = wire::decode(json, change)) return refusal;
    const Result<void> changed =
        claimed_ ? life_.change_egress(change) : Result<void>(Error(Errc::permission_denied, "not claimed"));
    if (changed)
        send(Type::reply, client, wire::Reply{});
    else
        fail(client, code_of(changed.error().code), changed.error().message);
    return nullptr;
}

template <class Message>
const char* Relay::reissue(const wire::Header& header, std::string_view json,
                           StreamId (wire::Owner::*operation)(const Message&))
{
    Message message;
    if (const char* refusal = wire::decode(json, message)) return refusal;
    if (!claimed_) return fail(header.stream, wire::FailureCode::denied, "not claimed"), nullptr;
    if (streams_.size() >= most_streams)
        return fail(header.stream, wire::FailureCode::too_large, "too many operations at once"), nullptr;
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
