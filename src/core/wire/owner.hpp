#pragma once

#include "core/wire/messages.hpp"
#include "sbx/result.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>

namespace sbx::wire {

/// What the agent said, already checked against what it may say. Strings are its own and hostile.
/// After `on_exit`, `on_reply` or `on_error` nothing more comes for that stream.
class Events {
   public:
    virtual ~Events() = default;

    virtual void on_hello(const Hello&) {}
    virtual void on_pong(std::uint64_t /*nonce*/) {}
    /// `bytes` are valid during the call only. Give them back with `Owner::consumed` once they are written out.
    virtual void on_data(StreamId, std::uint8_t /*channel*/, std::span<const char> /*bytes*/) {}
    virtual void on_eof(StreamId, std::uint8_t /*channel*/) {}
    virtual void on_exit(StreamId, const Exit&) {}
    virtual void on_reply(StreamId, const Reply&) {}
    virtual void on_error(StreamId, const Failure&) {}
    virtual void on_entries(StreamId, std::span<const Entry>) {}
    /// Give it back with `Owner::consumed`, as one byte of channel `input`.
    virtual void on_changed(StreamId, const Changed&) {}
    /// A detached program runs and has this number.
    virtual void on_started(StreamId, std::uint64_t /*process*/) {}
    virtual void on_processes(StreamId, std::span<const ProcessInfo>) {}
    virtual void on_attached(StreamId, const Attached&) {}
    virtual void on_measured(StreamId, const Measured&) {}
    /// `may_send` of this stream and channel has grown.
    virtual void on_credit(StreamId, std::uint8_t /*channel*/) {}
    virtual void on_opened(StreamId) {}
    /// The agent opened this stream; answer with `accept` or `refuse`.
    virtual void on_proxy(StreamId, const Proxy&) {}
    virtual void on_name_refused(const NameRefused&) {}
};

/// The owner's end of the wire: turns calls into bytes for the agent and the agent's bytes into Events. No input or
/// output of its own. It trusts nothing: every length, type, id, state and number of the agent is checked, the first
/// violation is an error and the sandbox must be killed (SECURITY-TARGETS §4).
///
///     Owner owner;
///     owner.hello();
///     owner.claim({.token = token, .one_shot = true});
///     const StreamId script = owner.tar_in({});
///     owner.send(script, tar);                      // at most may_send(script) bytes
///     owner.eof(script);
///     const StreamId program = owner.spawn({.after = script, .argv = {"python3", "main.py"}});
///     write(owner.take_outgoing());
class Owner {
   public:
    using TimePoint = std::chrono::steady_clock::time_point;

    // Each operation opens a stream, which ends with exactly one on_reply, on_error or (spawn, attach with `follow`)
    // on_exit.
    StreamId claim(const Claim& claim);
    StreamId spawn(const Spawn& spawn);
    StreamId processes(const Processes& processes);
    StreamId attach(const Attach& attach);
    StreamId measure(const Measure& measure);
    StreamId reset(const Reset& reset);
    StreamId stat(const Stat& stat);
    StreamId list(const List& list);
    StreamId read(const Read& read);
    StreamId write(const Write& write);
    StreamId mkdir(const Mkdir& mkdir);
    StreamId move(const Move& move);
    StreamId remove(const Remove& remove);
    StreamId watch(const Watch& watch);
    StreamId tar_in(const TarIn& tar);
    StreamId tar_out(const TarOut& tar);
    StreamId connect(const Connect& connect);
    StreamId change_egress(const ChangeEgress& change);
    StreamId turn(const Turn& turn);

    void hello();
    /// At most one is under way: `on_pong` comes before the next.
    void ping(std::uint64_t nonce);
    void lease(std::chrono::milliseconds length);
    void stop(std::chrono::milliseconds lease);
    void cont();
    void shutdown();
    void egress(const Egress& egress);
    /// A signal to everything in the sandbox but the agent.
    void signal_all(int signal);
    /// SIGKILL to the same.
    void kill_all();

    // On an open stream. On one that has ended they do nothing: its end may have crossed the call.
    /// How many bytes `send` takes now; 0 after `eof`, or when the stream has ended.
    std::size_t may_send(StreamId stream, std::uint8_t channel = Channel::input) const;
    /// @pre bytes.size() <= may_send(stream, channel)
    void send(StreamId stream, std::span<const char> bytes, std::uint8_t channel = Channel::input);
    void eof(StreamId stream, std::uint8_t channel = Channel::input);
    void resize(StreamId stream, const Resize& size);
    void signal(StreamId stream, int signal);
    void close(StreamId stream);
    /// Lets the agent send `count` more bytes on this channel. Call it when they are written out, not when they come:
    /// so a slow reader slows the program down.
    void consumed(StreamId stream, std::uint8_t channel, std::size_t count);
    void accept(StreamId proxy);
    void refuse(StreamId proxy, const Failure& why);

    /// Whether the stream has not ended yet.
    bool is_open(StreamId stream) const { return streams_.contains(stream); }

    bool has_outgoing() const { return !outgoing_.empty(); }
    std::size_t outgoing_bytes() const { return outgoing_.size(); }
    /// Everything to be written to the agent since the last call.
    std::string take_outgoing();

    /// Takes bytes from the agent. Events are called before it returns; they may call this Owner, but not `feed`.
    /// @error internal  "agent: protocol error: …"; it stays so
    Result<void> feed(std::span<const char> bytes, Events& events, TimePoint now = std::chrono::steady_clock::now());

   private:
    friend class Incoming;

    struct Sending {
        std::uint32_t window = 0;     ///< left
        std::uint64_t ungranted = 0;  ///< sent and not yet given back: the most a credit may be
        bool ended = false;
    };
    struct Receiving {
        std::uint32_t window = 0;      ///< left to the agent
        std::uint32_t full = 0;        ///< as it was given at first
        std::uint32_t unreturned = 0;  ///< received and not yet consumed
        std::uint32_t due = 0;         ///< consumed and not yet granted
        bool ended = false;
    };
    struct Stream {
        Type type = Type::spawn;
        bool opened = true;              ///< false until the agent says that there is something at the other end
        std::uint32_t entries_left = 0;  ///< or processes, or measurements
        bool detached = false;           ///< of a spawn
        Attach attach;
        std::map<std::uint8_t, Sending> sending;
        std::map<std::uint8_t, Receiving> receiving;
    };

    template <class Message>
    void control(Type type, StreamId stream, const Message& message, std::uint8_t channel = 0);
    template <class Message>
    StreamId open(Type type, const Message& message);
    Stream* find(StreamId stream);
    void let_send(StreamId stream, std::uint8_t channel);
    void let_receive(StreamId stream, std::uint8_t channel, std::uint32_t window);

    std::map<StreamId, Stream> streams_;
    StreamId next_stream_ = 1;
    StreamId last_proxy_ = 0;
    std::uint64_t last_process_ = 0;
    std::string outgoing_;
    Decoder decoder_{Direction::to_owner};
    bool hello_sent_ = false;
    bool hello_received_ = false;
    std::optional<std::uint64_t> ping_;
    TimePoint second_;  ///< start of the second in which unsolicited frames are counted
    std::uint32_t unsolicited_ = 0;
};

/// What a failure inside the sandbox means to a caller. The message is made safe to print.
Error to_error(const Failure& failure);

}  // namespace sbx::wire
