#include "core/wire/owner.hpp"

#include "core/wire/file_window.hpp"
#include "core/wire/incoming.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sbx::wire {
namespace {

struct Meaning {
    FailureCode failure;
    Errc code;
    const char* hint;
};

constexpr Meaning meanings[] = {
    {FailureCode::invalid, Errc::invalid_argument, ""},
    {FailureCode::denied, Errc::permission_denied, ""},
    {FailureCode::not_found, Errc::not_found, ""},
    {FailureCode::not_executable, Errc::permission_denied, ""},
    {FailureCode::no_directory, Errc::invalid_argument, ""},
    {FailureCode::no_processes, Errc::resource_exhausted, "raise --pids"},
    {FailureCode::no_memory, Errc::resource_exhausted, "raise --memory"},
    {FailureCode::disk_full, Errc::resource_exhausted, "raise --disk"},
    {FailureCode::too_large, Errc::too_large, ""},
    {FailureCode::exists, Errc::conflict, ""},
    {FailureCode::cancelled, Errc::cancelled, ""},
    {FailureCode::unsupported, Errc::not_implemented, ""},
    {FailureCode::internal, Errc::internal, ""},
};

std::string printable(std::string_view hostile)
{
    std::string text;
    for (const char c : hostile) {
        if (c >= ' ' && c <= '~')
            text.push_back(c);
        else
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return text;
}

}  // namespace

Error to_error(const Failure& failure)
{
    const auto* meaning =
        std::ranges::find_if(meanings, [&](const Meaning& row) { return row.failure == failure.code; });
    return {meaning->code, printable(failure.message), meaning->hint};
}

template <class Message>
void Owner::control(Type type, StreamId stream, const Message& message, std::uint8_t channel)
{
    append_frame(outgoing_, type, channel, stream, encode(message));
}

template <class Message>
StreamId Owner::open(Type type, const Message& message)
{
    const StreamId id = std::exchange(next_stream_, next_stream_ + 2);
    control(type, id, message);
    streams_[id].type = type;
    return id;
}

Owner::Stream* Owner::find(StreamId stream)
{
    const auto at = streams_.find(stream);
    return at == streams_.end() ? nullptr : &at->second;
}

void Owner::let_send(StreamId stream, std::uint8_t channel)
{
    const Type type = streams_[stream].type;
    const bool is_file = type == Type::tar_in || type == Type::write;
    streams_[stream].sending[channel].window = is_file ? file_window : initial_window;
}

void Owner::let_receive(StreamId stream, std::uint8_t channel, std::uint32_t window)
{
    streams_[stream].receiving[channel] = {.window = window, .full = window};
}

StreamId Owner::claim(const Claim& claim)
{
    return open(Type::claim, claim);
}

StreamId Owner::spawn(const Spawn& spawn)
{
    const StreamId id = open(Type::spawn, spawn);
    streams_[id].detached = spawn.detached;
    streams_[id].opened = !spawn.detached;
    if (spawn.input || spawn.pty) let_send(id, Channel::input);
    let_receive(id, Channel::out, spawn.window);
    if (!spawn.pty) let_receive(id, Channel::err, spawn.window);
    for (const std::uint32_t channel : spawn.channels) {
        let_send(id, static_cast<std::uint8_t>(channel));
        let_receive(id, static_cast<std::uint8_t>(channel), spawn.window);
    }
    return id;
}

StreamId Owner::processes(const Processes& processes)
{
    const StreamId id = open(Type::processes, processes);
    streams_[id].entries_left = max_detached + max_remembered;
    return id;
}

/// What it may send and receive depends on the answer.
StreamId Owner::attach(const Attach& attach)
{
    const StreamId id = open(Type::attach, attach);
    streams_[id].opened = false;
    streams_[id].attach = attach;
    return id;
}

StreamId Owner::measure(const Measure& measure)
{
    const StreamId id = open(Type::measure, measure);
    streams_[id].entries_left = 1;
    return id;
}

StreamId Owner::reset(const Reset& reset)
{
    return open(Type::reset, reset);
}

StreamId Owner::stat(const Stat& stat)
{
    const StreamId id = open(Type::stat, stat);
    streams_[id].entries_left = 1;
    return id;
}

StreamId Owner::list(const List& list)
{
    const StreamId id = open(Type::list, list);
    streams_[id].entries_left = list.max_entries;
    return id;
}

StreamId Owner::read(const Read& read)
{
    const StreamId id = open(Type::read, read);
    let_receive(id, Channel::input, read.window);
    return id;
}

StreamId Owner::write(const Write& write)
{
    const StreamId id = open(Type::write, write);
    let_send(id, Channel::input);
    return id;
}

StreamId Owner::mkdir(const Mkdir& mkdir)
{
    return open(Type::mkdir, mkdir);
}

StreamId Owner::move(const Move& move)
{
    return open(Type::move, move);
}

StreamId Owner::remove(const Remove& remove)
{
    return open(Type::remove, remove);
}

StreamId Owner::watch(const Watch& watch)
{
    const StreamId id = open(Type::watch, watch);
    streams_[id].opened = false;
    let_receive(id, Channel::input, watch.window);
    return id;
}

StreamId Owner::tar_in(const TarIn& tar)
{
    const StreamId id = open(Type::tar_in, tar);
    let_send(id, Channel::input);
    return id;
}

StreamId Owner::tar_out(const TarOut& tar)
{
    const StreamId id = open(Type::tar_out, tar);
    let_receive(id, Channel::input, tar.window);
    return id;
}

StreamId Owner::connect(const Connect& connect)
{
    const StreamId id = open(Type::connect, connect);
    streams_[id].opened = false;
    let_send(id, Channel::input);
    let_receive(id, Channel::input, connect.window);
    return id;
}

StreamId Owner::change_egress(const ChangeEgress& change)
{
    return open(Type::change_egress, change);
}

/// Whoever goes on is told of a refusal only.
StreamId Owner::turn(const Turn& turn)
{
    const StreamId id = open(Type::turn, turn);
    streams_[id].opened = turn.attached != 0;
    return id;
}

void Owner::hello()
{
    control(Type::hello, 0, Hello{});
    hello_sent_ = true;
}

void Owner::ping(std::uint64_t nonce)
{
    if (ping_) return;
    control(Type::ping, 0, Ping{nonce});
    ping_ = nonce;
}

void Owner::lease(std::chrono::milliseconds length)
{
    control(Type::lease, 0, Lease{static_cast<std::uint64_t>(length.count())});
}

void Owner::stop(std::chrono::milliseconds lease)
{
    control(Type::stop, 0, Lease{static_cast<std::uint64_t>(lease.count())});
}

void Owner::cont()
{
    control(Type::cont, 0, Nothing{});
}

void Owner::shutdown()
{
    control(Type::shutdown, 0, Nothing{});
}

void Owner::egress(const Egress& egress)
{
    control(Type::egress, 0, egress);
}

void Owner::signal_all(int signal)
{
    control(Type::signal, 0, Signal{.signal = static_cast<std::uint32_t>(signal), .target = Target::all});
}

void Owner::kill_all()
{
    signal_all(9);
}

std::size_t Owner::may_send(StreamId stream, std::uint8_t channel) const
{
    const auto at = streams_.find(stream);
    if (at == streams_.end()) return 0;
    const auto sending = at->second.sending.find(channel);
    return sending == at->second.sending.end() || sending->second.ended ? 0 : sending->second.window;
}

void Owner::send(StreamId stream, std::span<const char> bytes, std::uint8_t channel)
{
    bytes = bytes.first(std::min(bytes.size(), may_send(stream, channel)));
    if (bytes.empty()) return;
    Sending& sending = streams_[stream].sending[channel];
    sending.window -= static_cast<std::uint32_t>(bytes.size());
    sending.ungranted += bytes.size();
    while (!bytes.empty()) {
        const auto payload = bytes.first(std::min(bytes.size(), max_data_bytes));
        append_frame(outgoing_, Type::data, channel, stream, {payload.data(), payload.size()});
        bytes = bytes.subspan(payload.size());
    }
}

void Owner::eof(StreamId stream, std::uint8_t channel)
{
    Stream* open = find(stream);
    if (!open) return;
    const auto sending = open->sending.find(channel);
    if (sending == open->sending.end() || sending->second.ended) return;
    sending->second.ended = true;
    control(Type::eof, stream, Nothing{}, channel);
}

void Owner::resize(StreamId stream, const Resize& size)
{
    if (is_open(stream)) control(Type::resize, stream, size);
}

void Owner::signal(StreamId stream, int signal)
{
    if (is_open(stream)) control(Type::signal, stream, Signal{.signal = static_cast<std::uint32_t>(signal)});
}

void Owner::close(StreamId stream)
{
    Stream* open = find(stream);
    if (!open) return;
    control(Type::close, stream, Nothing{});
    for (auto& [channel, sending] : open->sending) sending.ended = true;
}

void Owner::consumed(StreamId stream, std::uint8_t channel, std::size_t count)
{
    Stream* open = find(stream);
    if (!open) return;
    const auto at = open->receiving.find(channel);
    if (at == open->receiving.end() || at->second.ended) return;
    Receiving& receiving = at->second;
    const auto returned = static_cast<std::uint32_t>(std::min<std::size_t>(count, receiving.unreturned));
    receiving.unreturned -= returned;
    receiving.due += returned;
    if (receiving.due == 0 || receiving.due < receiving.full / 2) return;
    receiving.window += receiving.due;
    control(Type::credit, stream, Credit{std::exchange(receiving.due, 0)}, channel);
}

void Owner::accept(StreamId proxy)
{
    Stream* stream = find(proxy);
    if (!stream || stream->type != Type::proxy || stream->opened) return;
    stream->opened = true;
    let_send(proxy, Channel::input);
    let_receive(proxy, Channel::input, initial_window);
    control(Type::opened, proxy, Nothing{});
}

void Owner::refuse(StreamId proxy, const Failure& why)
{
    Stream* stream = find(proxy);
    if (!stream || stream->type != Type::proxy || stream->opened) return;
    stream->opened = true;  // answered; the agent's close ends it
    control(Type::error, proxy, why);
}

std::string Owner::take_outgoing()
{
    std::string taken;
    taken.reserve(outgoing_.size());  // what comes next will be about as much: it need not grow step by step
    taken.swap(outgoing_);
    return taken;
}

Result<void> Owner::feed(std::span<const char> bytes, Events& events, TimePoint now)
{
    Incoming incoming(*this, events, now);
    if (const char* refusal = decoder_.feed(bytes, incoming))
        return Error(Errc::internal, fmt::format("agent: protocol error: {}", refusal));
    return {};
}

}  // namespace sbx::wire
