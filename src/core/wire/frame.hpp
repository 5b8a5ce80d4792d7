#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// The protocol between sbx and the agent inside a sandbox, as docs/wire.md specifies it. Everything here is linked
/// into the agent too: no exceptions, no Boost, no iostream.
namespace sbx::wire {

inline constexpr std::uint32_t protocol_version = 1;

inline constexpr std::size_t header_bytes = 12;
inline constexpr std::size_t max_data_bytes = std::size_t{1} << 20;         ///< payload of a data frame
inline constexpr std::size_t max_control_to_owner = std::size_t{64} << 10;  ///< JSON payload, agent → owner
inline constexpr std::size_t max_control_to_agent = std::size_t{1} << 20;   ///< 256 KiB of argv and env, escaped
inline constexpr std::uint32_t initial_window = 256U << 10;                 ///< owner → agent, per stream and channel
inline constexpr std::uint32_t min_credit = initial_window / 4;             ///< from the agent: no flood of tiny ones
inline constexpr std::uint32_t max_window = 16U << 20;
inline constexpr std::size_t max_path_bytes = 4'096;     ///< of a file, in either direction
inline constexpr std::size_t max_message_bytes = 4'096;  ///< of a failure
inline constexpr std::size_t max_detached = 64;          ///< detached processes that run
inline constexpr std::size_t max_remembered = 16;        ///< those that have ended and are still known
inline constexpr std::size_t max_told_arguments = 64;    ///< of a detached process, in a list
inline constexpr std::size_t max_proxies = 64;           ///< connections to the outside at a time
inline constexpr std::size_t max_host_bytes = 255;       ///< of a name in DNS's own form
inline constexpr std::size_t max_egress_names = 128;     ///< that lead out
inline constexpr std::size_t max_egress_ports = 128;     ///< of these, all together
inline constexpr std::size_t max_refused_names = 64;     ///< that the agent tells of from one spawn to the next
inline constexpr std::size_t max_told_bytes = 4'096;     ///< of these arguments, all together
inline constexpr std::size_t max_turn_bytes = 128;       ///< of a turn's name

/// What a frame carries. The numbers are the wire's.
enum class Type : std::uint8_t {
    hello = 1,  ///< both; the agent only answers
    claim = 2,
    ping = 3,
    pong = 4,
    lease = 5,
    stop = 6,  ///< the owner is about to be stopped: the lease is as long as this says
    cont = 7,
    shutdown = 8,
    egress = 9,  ///< which names lead out of the sandbox
    spawn = 16,
    data = 17,  ///< bytes of one channel of one stream; the only type whose payload is not JSON
    eof = 18,   ///< no more data on this channel
    resize = 19,
    signal = 20,
    exit = 21,
    credit = 22,
    close = 23,         ///< give the stream up
    reply = 24,         ///< the operation succeeded; ends its stream
    error = 25,         ///< it failed; ends its stream
    started = 26,       ///< a detached program runs
    processes = 27,     ///< which detached ones are known
    process_list = 28,  ///< some of them
    attach = 29,        ///< what a detached process has said, and the process itself
    attached = 30,      ///< what that process is; its data come next
    measure = 31,       ///< what the sandbox uses
    stat = 32,
    list = 33,
    read = 34,
    write = 35,
    mkdir = 36,
    move = 37,
    remove = 38,
    watch = 39,
    tar_in = 40,
    tar_out = 41,
    entries = 42,   ///< some of what `list` or `stat` found
    changed = 43,   ///< what `watch` saw
    measured = 44,  ///< the figures
    reset = 45,     ///< make the sandbox as it was before its first program
    connect = 48,   ///< a TCP port inside the sandbox
    proxy = 49,     ///< the agent asks for a connection to the outside
    opened = 50,    ///< that connection, or the one of `connect`, is up; `watch` sees all from now on; `turn` has come
    name_refused = 51,   ///< a program asked for a name that leads nowhere
    change_egress = 52,  ///< for a keeper: more or less of what programs may reach
    turn = 53,           ///< for a keeper: to be alone with something that has a name
};

/// Channels of a stream. A process has its descriptors' numbers; every other stream has only `input`.
enum Channel : std::uint8_t { input = 0, out = 1, err = 2, first_extra = 3, last_extra = 15 };

enum class Direction : std::uint8_t { to_agent, to_owner };

/// Odd when the owner opened it, even when the agent did, 0 for the connection itself.
using StreamId = std::uint32_t;

struct Header {
    std::uint32_t length = 0;  ///< of the payload
    Type type = Type::hello;
    std::uint8_t channel = 0;
    StreamId stream = 0;

    bool operator==(const Header&) const = default;
};

void put_header(std::span<char, header_bytes> into, const Header& header);

/// @return why the twelve bytes are no header that may travel in this direction, or nullptr
const char* parse_header(std::span<const char, header_bytes> from, Direction direction, Header& header);

/// Appends one whole frame.
void append_frame(std::string& to, Type type, std::uint8_t channel, StreamId stream, std::string_view payload);

/// Takes the frames of a Decoder. Each function returns why the frame is refused, or nullptr.
class FrameSink {
   public:
    virtual ~FrameSink() = default;

    virtual const char* on_control(const Header& header, std::string_view json) = 0;
    /// Called once or more for each data frame, never with nothing.
    virtual const char* on_bytes(const Header& header, std::span<const char> piece) = 0;
};

/// Cuts a byte stream into frames. Control payloads are handed over whole, data payloads as they come: a frame that
/// arrives in pieces is never put together. There is no resynchronisation after a refusal.
class Decoder {
   public:
    explicit Decoder(Direction direction) : direction_(direction) {}

    /// @return the first refusal, which holds for good, or nullptr
    const char* feed(std::span<const char> bytes, FrameSink& sink);

   private:
    const char* feed_header(std::span<const char>& bytes);
    const char* feed_control(std::span<const char>& bytes, FrameSink& sink);
    const char* feed_data(std::span<const char>& bytes, FrameSink& sink);

    Direction direction_;
    Header header_;
    char header_buffer_[header_bytes] = {};
    std::size_t header_filled_ = 0;
    std::size_t payload_left_ = 0;
    std::string control_;
    const char* refusal_ = nullptr;
};

}  // namespace sbx::wire
