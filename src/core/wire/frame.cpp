#include "core/wire/frame.hpp"

#include <algorithm>

namespace sbx::wire {
namespace {

/// Where a type may appear.
struct Rule {
    Type type;
    bool to_agent;
    bool to_owner;
    bool on_connection;  ///< on stream 0
    bool on_stream;
    bool has_channel;
};

constexpr Rule rules[] = {
    // type            agent  owner  conn.  stream channel
    {Type::hello, true, true, true, false, false},         {Type::claim, true, false, false, true, false},
    {Type::ping, true, false, true, false, false},         {Type::pong, false, true, true, false, false},
    {Type::lease, true, false, true, false, false},        {Type::stop, true, false, true, false, false},
    {Type::cont, true, false, true, false, false},         {Type::shutdown, true, false, true, false, false},
    {Type::egress, true, false, true, false, false},       {Type::spawn, true, false, false, true, false},
    {Type::data, true, true, false, true, true},           {Type::eof, true, true, false, true, true},
    {Type::resize, true, false, false, true, false},       {Type::signal, true, false, true, true, false},
    {Type::exit, false, true, false, true, false},         {Type::credit, true, true, false, true, true},
    {Type::close, true, true, false, true, false},         {Type::reply, false, true, false, true, false},
    {Type::error, true, true, false, true, false},         {Type::started, false, true, false, true, false},
    {Type::processes, true, false, false, true, false},    {Type::process_list, false, true, false, true, false},
    {Type::attach, true, false, false, true, false},       {Type::attached, false, true, false, true, false},
    {Type::measure, true, false, false, true, false},      {Type::measured, false, true, false, true, false},
    {Type::reset, true, false, false, true, false},        {Type::stat, true, false, false, true, false},
    {Type::list, true, false, false, true, false},         {Type::read, true, false, false, true, false},
    {Type::write, true, false, false, true, false},        {Type::mkdir, true, false, false, true, false},
    {Type::move, true, false, false, true, false},         {Type::remove, true, false, false, true, false},
    {Type::watch, true, false, false, true, false},        {Type::tar_in, true, false, false, true, false},
    {Type::tar_out, true, false, false, true, false},      {Type::entries, false, true, false, true, false},
    {Type::changed, false, true, false, true, false},      {Type::connect, true, false, false, true, false},
    {Type::proxy, false, true, false, true, false},        {Type::opened, true, true, false, true, false},
    {Type::name_refused, false, true, true, false, false}, {Type::change_egress, true, false, false, true, false},
    {Type::turn, true, false, false, true, false},
};

const Rule* rule_of(std::uint8_t type)
{
    const auto* found =
        std::find_if(std::begin(rules), std::end(rules), [&](const Rule& rule) { return rule.type == Type{type}; });
    return found == std::end(rules) ? nullptr : found;
}

std::uint32_t little_endian(const char* bytes)
{
    std::uint32_t value = 0;
    for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
    return value;
}

void put_little_endian(char* bytes, std::uint32_t value)
{
    for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(value >> 8 * i);
}

std::size_t max_payload(Type type, Direction direction)
{
    if (type == Type::data) return max_data_bytes;
    return direction == Direction::to_agent ? max_control_to_agent : max_control_to_owner;
}

}  // namespace

void put_header(std::span<char, header_bytes> into, const Header& header)
{
    put_little_endian(into.data(), header.length);
    into[4] = static_cast<char>(header.type);
    into[5] = static_cast<char>(header.channel);
    into[6] = into[7] = 0;
    put_little_endian(into.data() + 8, header.stream);
}

const char* parse_header(std::span<const char, header_bytes> from, Direction direction, Header& header)
{
    const Rule* rule = rule_of(static_cast<std::uint8_t>(from[4]));
    if (!rule) return "unknown frame type";
    if (!(direction == Direction::to_agent ? rule->to_agent : rule->to_owner)) return "frame in the wrong direction";
    if (from[6] != 0 || from[7] != 0) return "unknown flag";
    header = {.length = little_endian(from.data()),
              .type = rule->type,
              .channel = static_cast<std::uint8_t>(from[5]),
              .stream = little_endian(from.data() + 8)};
    if (header.length > max_payload(header.type, direction)) return "frame too long";
    if (header.length == 0) return "empty frame";
    if (header.channel > (rule->has_channel ? last_extra : 0)) return "unknown channel";
    if (!(header.stream == 0 ? rule->on_connection : rule->on_stream)) return "frame on the wrong stream";
    return nullptr;
}

void append_frame(std::string& to, Type type, std::uint8_t channel, StreamId stream, std::string_view payload)
{
    char header[header_bytes];
    put_header(header, {static_cast<std::uint32_t>(payload.size()), type, channel, stream});
    to.append(header, header_bytes);
    to.append(payload);
}

const char* Decoder::feed(std::span<const char> bytes, FrameSink& sink)
{
    while (!refusal_ && !bytes.empty()) {
        if (payload_left_ == 0)
            refusal_ = feed_header(bytes);
        else if (header_.type == Type::data)
            refusal_ = feed_data(bytes, sink);
        else
            refusal_ = feed_control(bytes, sink);
    }
    return refusal_;
}

const char* Decoder::feed_header(std::span<const char>& bytes)
{
    const std::size_t count = std::min(bytes.size(), header_bytes - header_filled_);
    std::copy_n(bytes.data(), count, header_buffer_ + header_filled_);
    header_filled_ += count;
    bytes = bytes.subspan(count);
    if (header_filled_ < header_bytes) return nullptr;
    header_filled_ = 0;
    const char* refusal = parse_header(header_buffer_, direction_, header_);
    payload_left_ = header_.length;
    return refusal;
}

const char* Decoder::feed_data(std::span<const char>& bytes, FrameSink& sink)
{
    const auto piece = bytes.first(std::min(bytes.size(), payload_left_));
    bytes = bytes.subspan(piece.size());
    payload_left_ -= piece.size();
    return sink.on_bytes(header_, piece);
}

const char* Decoder::feed_control(std::span<const char>& bytes, FrameSink& sink)
{
    const auto piece = bytes.first(std::min(bytes.size(), payload_left_));
    bytes = bytes.subspan(piece.size());
    payload_left_ -= piece.size();
    if (payload_left_ == 0 && control_.empty()) return sink.on_control(header_, {piece.data(), piece.size()});
    control_.append(piece.data(), piece.size());
    if (payload_left_ != 0) return nullptr;
    std::string whole;
    whole.swap(control_);
    return sink.on_control(header_, whole);
}

}  // namespace sbx::wire
