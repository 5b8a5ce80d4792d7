#include "core/wire/incoming.hpp"

#include <algorithm>

namespace sbx::wire {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t max_unsolicited_per_second = 2'000;
constexpr std::uint32_t max_signal = 64;
constexpr std::int64_t latest_ms = 253'402'300'799'999;       // the year 9999
constexpr std::uint64_t longest_us = 10'000'000'000'000'000;  // three centuries
constexpr std::uint64_t largest = std::uint64_t{1} << 53;     // what every JSON reader takes for a number

bool is_time(std::int64_t ms)
{
    return ms >= 0 && ms <= latest_ms;
}

bool is_process(std::uint64_t number)
{
    return number > 0 && number <= largest;
}

bool is_sound(const Exit& exit)
{
    return exit.code <= 255 && exit.signal <= max_signal && (exit.code == 0 || exit.signal == 0) &&
           exit.wall_us <= longest_us && exit.user_us <= longest_us && exit.system_us <= longest_us &&
           is_time(exit.start_ms) && is_time(exit.end_ms) && exit.peak_rss_bytes <= largest &&
           exit.memory_peak_bytes <= largest && exit.memory_limit_bytes <= largest &&
           exit.memory_in_files_bytes <= largest;
}

bool is_sound(const Entry& entry)
{
    return entry.path.size() <= max_path_bytes && entry.size_bytes <= largest && entry.mode <= 07777;
}

bool is_sound(const ProcessInfo& info)
{
    std::size_t bytes = 0;
    for (const std::string& argument : info.argv) bytes += argument.size();
    return is_process(info.process) && info.argv.size() <= max_told_arguments && bytes <= max_told_bytes &&
           is_time(info.start_ms) && is_sound(info.exit) && info.dropped_bytes <= largest;
}

bool is_sound(const Attached& attached)
{
    std::uint32_t seen = 0;
    for (const std::uint32_t channel : attached.channels) {
        if (channel < Channel::first_extra || channel > Channel::last_extra || (seen >> channel & 1U) != 0)
            return false;
        seen |= 1U << channel;
    }
    return attached.dropped_bytes <= largest;
}

bool is_sound(const Measured& measured)
{
    const std::initializer_list<std::uint64_t> sizes = {
        measured.memory_bytes, measured.memory_peak_bytes, measured.processes,     measured.work_bytes,
        measured.tmp_bytes,    measured.work_size_bytes,   measured.tmp_size_bytes};
    return measured.cpu_us <= longest_us && std::ranges::max(sizes) <= largest;
}

bool has_channels_of_a_program(Type type)
{
    return type == Type::spawn || type == Type::attach;
}

bool sends_data(Type type)
{
    return type == Type::read || type == Type::tar_out || type == Type::connect;
}

}  // namespace

const char* Incoming::on_control(const Header& header, std::string_view json)
{
    if (header.type == Type::hello) return on_hello(json);
    if (!owner_.hello_received_) return "frame before hello";
    if (header.type == Type::pong) return on_pong(json);
    if (header.type == Type::proxy) return on_proxy(header, json);
    if (header.type == Type::name_refused) return on_name_refused(json);
    Owner::Stream* stream = owner_.find(header.stream);
    return stream ? on_stream(header, *stream, json) : "frame for a stream that is not open";
}

const char* Incoming::on_bytes(const Header& header, std::span<const char> piece)
{
    if (!owner_.hello_received_) return "frame before hello";
    Owner::Stream* stream = owner_.find(header.stream);
    if (!stream) return "data for a stream that is not open";
    if (!stream->opened) return "data before opened";
    const auto at = stream->receiving.find(header.channel);
    if (stream->type == Type::watch || at == stream->receiving.end() || at->second.ended)
        return "data on a channel that is not open";
    Owner::Receiving& receiving = at->second;
    if (piece.size() > receiving.window) return "data beyond the window";
    receiving.window -= static_cast<std::uint32_t>(piece.size());
    receiving.unreturned += static_cast<std::uint32_t>(piece.size());
    events_.on_data(header.stream, header.channel, piece);
    return nullptr;
}

const char* Incoming::on_hello(std::string_view json)
{
    if (!owner_.hello_sent_ || owner_.hello_received_) return "unexpected hello";
    Hello hello;
    if (const char* refusal = decode(json, hello)) return refusal;
    if (hello.version != protocol_version) return "another protocol version";
    if (hello.build.size() > 64 || hello.memory_limit_bytes > largest) return "unsound hello";
    owner_.hello_received_ = true;
    events_.on_hello(hello);
    return nullptr;
}

const char* Incoming::on_pong(std::string_view json)
{
    Ping pong;
    if (const char* refusal = decode(json, pong)) return refusal;
    if (owner_.ping_ != pong.nonce) return "unexpected pong";
    owner_.ping_.reset();
    events_.on_pong(pong.nonce);
    return nullptr;
}

const char* Incoming::on_proxy(const Header& header, std::string_view json)
{
    if (const char* refusal = count_unsolicited()) return refusal;
    Proxy proxy;
    if (const char* refusal = decode(json, proxy)) return refusal;
    if (header.stream % 2 != 0 || header.stream <= owner_.last_proxy_) return "stream number out of order";
    if (proxy.host.empty() || proxy.host.size() > max_host_bytes || proxy.port == 0 || proxy.port > 65'535)
        return "unsound proxy request";
    const auto open =
        std::ranges::count_if(owner_.streams_, [](const auto& entry) { return entry.second.type == Type::proxy; });
    if (static_cast<std::size_t>(open) >= max_proxies) return "too many proxy streams";
    owner_.last_proxy_ = header.stream;
    Owner::Stream& stream = owner_.streams_[header.stream];
    stream.type = Type::proxy;
    stream.opened = false;
    events_.on_proxy(header.stream, proxy);
    return nullptr;
}

const char* Incoming::on_name_refused(std::string_view json)
{
    if (const char* refusal = count_unsolicited()) return refusal;
    NameRefused refused;
    if (const char* refusal = decode(json, refused)) return refusal;
    if (refused.host.empty() || refused.host.size() > max_host_bytes) return "unsound name";
    events_.on_name_refused(refused);
    return nullptr;
}

const char* Incoming::on_stream(const Header& header, Owner::Stream& stream, std::string_view json)
{
    switch (header.type) {
        case Type::eof:
            return on_eof(header, stream, json);
        case Type::credit:
            return on_credit(header, stream, json);
        case Type::exit:
            return on_exit(header.stream, stream, json);
        case Type::reply:
            return on_reply(header.stream, stream, json);
        case Type::error:
            return on_error(header.stream, stream, json);
        case Type::close:
            return on_close(header.stream, stream, json);
        case Type::entries:
            return on_entries(header.stream, stream, json);
        case Type::changed:
            return on_changed(header.stream, stream, json);
        case Type::started:
            return on_started(header.stream, stream, json);
        case Type::process_list:
            return on_process_list(header.stream, stream, json);
        case Type::attached:
            return on_attached(header.stream, stream, json);
        case Type::measured:
            return on_measured(header.stream, stream, json);
        case Type::opened:
            return on_opened(header.stream, stream, json);
        default:
            return "unexpected frame";
    }
}

const char* Incoming::on_eof(const Header& header, Owner::Stream& stream, std::string_view json)
{
    Nothing nothing;
    if (const char* refusal = decode(json, nothing)) return refusal;
    const auto at = stream.receiving.find(header.channel);
    if (!stream.opened) return "eof before opened";
    if (has_channels_of_a_program(stream.type) || stream.type == Type::watch || at == stream.receiving.end() ||
        at->second.ended)
        return "unexpected eof";
    at->second.ended = true;
    events_.on_eof(header.stream, header.channel);
    return nullptr;
}

const char* Incoming::on_credit(const Header& header, Owner::Stream& stream, std::string_view json)
{
    Credit credit;
    if (const char* refusal = decode(json, credit)) return refusal;
    const auto at = stream.sending.find(header.channel);
    if (at == stream.sending.end()) return "credit for a channel that is not open";
    Owner::Sending& sending = at->second;
    if (credit.bytes < min_credit) return "credit in too small pieces";
    if (credit.bytes > sending.ungranted) return "credit for bytes that were not sent";
    sending.ungranted -= credit.bytes;
    sending.window += credit.bytes;
    if (!sending.ended) events_.on_credit(header.stream, header.channel);
    return nullptr;
}

const char* Incoming::on_exit(StreamId id, const Owner::Stream& stream, std::string_view json)
{
    Exit exit;
    if (const char* refusal = decode(json, exit)) return refusal;
    const bool follows = stream.type == Type::attach && stream.attach.follow;
    if (stream.type != Type::spawn && !follows) return "exit of what is no process";
    if (!stream.opened) return "exit before started";
    if (!is_sound(exit)) return "unsound exit";
    owner_.streams_.erase(id);
    events_.on_exit(id, exit);
    return nullptr;
}

const char* Incoming::on_reply(StreamId id, const Owner::Stream& stream, std::string_view json)
{
    Reply reply;
    if (const char* refusal = decode(json, reply)) return refusal;
    if (stream.type == Type::spawn || stream.type == Type::proxy) return "unexpected reply";
    if (stream.type == Type::attach && stream.attach.follow) return "unexpected reply";
    if (!stream.opened) return "reply before opened";
    if (sends_data(stream.type) && !stream.receiving.at(Channel::input).ended) return "reply before eof";
    if (reply.bytes > largest) return "unsound reply";
    owner_.streams_.erase(id);
    events_.on_reply(id, reply);
    return nullptr;
}

const char* Incoming::on_error(StreamId id, const Owner::Stream& stream, std::string_view json)
{
    Failure failure;
    if (const char* refusal = decode(json, failure)) return refusal;
    if (stream.type == Type::proxy) return "unexpected error";
    if (failure.message.size() > max_message_bytes) return "error message too long";
    owner_.streams_.erase(id);
    events_.on_error(id, failure);
    return nullptr;
}

const char* Incoming::on_close(StreamId id, const Owner::Stream& stream, std::string_view json)
{
    Nothing nothing;
    if (const char* refusal = decode(json, nothing)) return refusal;
    if (stream.type != Type::proxy) return "unexpected close";
    owner_.streams_.erase(id);
    events_.on_error(id, {.code = FailureCode::cancelled, .message = "closed from inside"});
    return nullptr;
}

const char* Incoming::on_entries(StreamId id, Owner::Stream& stream, std::string_view json)
{
    Entries found;
    if (const char* refusal = decode(json, found)) return refusal;
    if (stream.type != Type::list && stream.type != Type::stat) return "unexpected entries";
    if (found.entries.empty() || found.entries.size() > stream.entries_left) return "unexpected entries";
    if (!std::ranges::all_of(found.entries, [](const Entry& entry) { return is_sound(entry); })) return "unsound entry";
    stream.entries_left -= static_cast<std::uint32_t>(found.entries.size());
    events_.on_entries(id, found.entries);
    return nullptr;
}

const char* Incoming::on_changed(StreamId id, Owner::Stream& stream, std::string_view json)
{
    Changed changed;
    if (const char* refusal = decode(json, changed)) return refusal;
    if (stream.type != Type::watch || changed.path.size() > max_path_bytes) return "unexpected change";
    if (!stream.opened) return "change before opened";
    Owner::Receiving& receiving = stream.receiving.at(Channel::input);
    if (receiving.window == 0) return "changes beyond the window";
    --receiving.window;
    ++receiving.unreturned;
    events_.on_changed(id, changed);
    return nullptr;
}

const char* Incoming::on_started(StreamId id, Owner::Stream& stream, std::string_view json)
{
    Started started;
    if (const char* refusal = decode(json, started)) return refusal;
    if (stream.type != Type::spawn || stream.opened) return "unexpected start";
    if (!is_process(started.process) || started.process <= owner_.last_process_) return "process number out of order";
    owner_.last_process_ = started.process;
    stream.opened = true;
    events_.on_started(id, started.process);
    return nullptr;
}

const char* Incoming::on_process_list(StreamId id, Owner::Stream& stream, std::string_view json)
{
    ProcessList list;
    if (const char* refusal = decode(json, list)) return refusal;
    if (stream.type != Type::processes || list.processes.empty() || list.processes.size() > stream.entries_left)
        return "unexpected processes";
    if (!std::ranges::all_of(list.processes, [](const ProcessInfo& info) { return is_sound(info); }))
        return "unsound process";
    stream.entries_left -= static_cast<std::uint32_t>(list.processes.size());
    events_.on_processes(id, list.processes);
    return nullptr;
}

const char* Incoming::on_attached(StreamId id, Owner::Stream& stream, std::string_view json)
{
    Attached attached;
    if (const char* refusal = decode(json, attached)) return refusal;
    if (stream.type != Type::attach || stream.opened) return "unexpected attached";
    if (attached.process != stream.attach.process || !is_sound(attached)) return "unsound attached";
    stream.opened = true;
    const auto open = [&](std::uint32_t number, bool takes, bool gives) {
        const auto channel = static_cast<std::uint8_t>(number);
        if (takes && stream.attach.follow) owner_.let_send(id, channel);
        if (gives) owner_.let_receive(id, channel, stream.attach.window);
    };
    open(Channel::input, attached.input || attached.pty, false);
    open(Channel::out, false, true);
    if (!attached.pty) open(Channel::err, false, true);
    for (const std::uint32_t channel : attached.channels) open(channel, true, true);
    events_.on_attached(id, attached);
    return nullptr;
}

const char* Incoming::on_measured(StreamId id, Owner::Stream& stream, std::string_view json)
{
    Measured measured;
    if (const char* refusal = decode(json, measured)) return refusal;
    if (stream.type != Type::measure || stream.entries_left == 0) return "unexpected measurement";
    if (!is_sound(measured)) return "unsound measurement";
    --stream.entries_left;
    events_.on_measured(id, measured);
    return nullptr;
}

const char* Incoming::on_opened(StreamId id, Owner::Stream& stream, std::string_view json)
{
    Nothing nothing;
    if (const char* refusal = decode(json, nothing)) return refusal;
    const bool opens = stream.type == Type::connect || stream.type == Type::watch || stream.type == Type::turn;
    if (!opens || stream.opened) return "unexpected opened";
    stream.opened = true;
    events_.on_opened(id);
    return nullptr;
}

const char* Incoming::count_unsolicited()
{
    if (now_ - owner_.second_ >= 1s) {
        owner_.second_ = now_;
        owner_.unsolicited_ = 0;
    }
    return ++owner_.unsolicited_ > max_unsolicited_per_second ? "too many frames that nobody asked for" : nullptr;
}

}  // namespace sbx::wire
