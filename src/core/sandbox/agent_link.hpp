#pragma once

#include "core/sandbox/condition.hpp"
#include "core/wire/owner.hpp"
#include "sbx/engine.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

namespace sbx {

/// An agent that does not answer a ping for so long is lost.
inline constexpr std::chrono::seconds longest_silence(30);

/// How an operation inside the sandbox ended.
using Outcome = std::variant<wire::Exit, wire::Reply, wire::Failure>;

/// Takes what an operation sends.
class StreamSink {
   public:
    virtual ~StreamSink() = default;
    virtual void on_data(std::uint8_t /*channel*/, std::span<const char> /*bytes*/) {}
    virtual void on_eof(std::uint8_t /*channel*/) {}
    virtual void on_entries(std::span<const wire::Entry> /*entries*/) {}
    /// Give it back as `Events::on_changed` says.
    virtual void on_changed(const wire::Changed& /*changed*/) {}
    virtual void on_started(std::uint64_t /*process*/) {}
    virtual void on_processes(std::span<const wire::ProcessInfo> /*processes*/) {}
    virtual void on_attached(const wire::Attached& /*attached*/) {}
    virtual void on_measured(const wire::Measured& /*measured*/) {}
    virtual void on_opened() {}
    /// `Owner::may_send` of the channel has grown.
    virtual void on_credit(std::uint8_t /*channel*/) {}
    /// @return whether the end was taken: then nothing of the stream is kept, this sink may be gone by now
    virtual bool on_end(const Outcome& /*outcome*/) { return false; }
};

/// Decides about what the agent wants of the outside.
class EgressHandler {
   public:
    virtual ~EgressHandler() = default;
    /// Answer with `Owner::accept` or `Owner::refuse`.
    virtual void on_proxy(wire::StreamId stream, const wire::Proxy& wanted) = 0;
    virtual void on_name_refused(const wire::NameRefused& name) = 0;
};

/// The living connection to one agent: an Owner (the protocol) joined to a Channel (the bytes). One thread.
/// `serve` must run for anything to move; everything else may be called meanwhile.
class AgentLink : private wire::Events {
   public:
    /// What `serve` does by itself, beyond moving bytes.
    enum class Upkeep {
        lease,  ///< keeps the lease at ten seconds, and pings: silence is a fault
        pings,  ///< pings: the other end is a keeper, which has the lease
        watch,  ///< pings, but the lease and the verdict on silence are the caller's: a frozen agent may be silent
    };

    /// @param rhythm  of its upkeep
    explicit AgentLink(const asio::any_io_executor& executor, Upkeep upkeep = Upkeep::lease,
                       std::chrono::milliseconds rhythm = std::chrono::seconds(3))
        : changed_(executor), written_(executor), life_(executor), upkeep_(upkeep), rhythm_(rhythm)
    {
    }

    wire::Owner& owner() { return owner_; }

    /// Moves bytes both ways, renews the lease and pings, until the stream ends or `close` is called.
    asio::awaitable<void> serve(std::unique_ptr<Channel> channel);
    /// Takes bytes from the agent; `serve` calls it.
    /// @error internal  what Owner::feed gives
    Result<void> feed(std::span<const char> bytes);
    /// Ends `serve`. What is queued is not sent.
    void close();
    /// Waits until what is queued is sent, or the link is over.
    asio::awaitable<void> drain();

    /// Sends what the owner has queued. Call it after using `owner()`.
    void flush() { changed_.notify_all(); }

    void attach_sink(wire::StreamId stream, StreamSink& sink) { sinks_[stream] = &sink; }
    void detach_sink(wire::StreamId stream) { sinks_.erase(stream); }
    /// Without one every connection to the outside is refused.
    void set_egress(EgressHandler* handler) { egress_ = handler; }
    /// Closes the operation; what still comes of it is dropped, its end too.
    void abandon(wire::StreamId stream);
    /// How the operation ended, or nothing while it is under way.
    const Outcome* outcome(wire::StreamId stream) const;

    bool said_hello() const { return said_hello_; }
    /// What the other end's program calls its version; hostile.
    const std::string& peer() const { return peer_; }
    /// Since when a ping waits for its answer.
    const std::optional<Condition::TimePoint>& unanswered_since() const { return pinged_; }
    /// Whether the agent can say nothing more.
    bool is_over() const { return over_; }
    /// Why the link broke, where it was the agent's fault, or that of the stream's form.
    const std::optional<Error>& fault() const { return fault_; }

    /// Notified at every change of what this class tells, by every piece that comes.
    Condition& changed() { return changed_; }
    /// Notified at every ping and at the end, for those who watch whether it lives and not what it carries: waking them
    /// for every piece would cost more than the piece.
    Condition& life() { return life_; }
    /// Waits for the end of an operation, or of the link.
    /// @error unavailable  the link ended first
    asio::awaitable<Result<Outcome>> finish(wire::StreamId stream);

   private:
    asio::awaitable<void> read_all();
    asio::awaitable<void> write_all();
    asio::awaitable<void> keep_alive();

    StreamSink* sink_of(wire::StreamId stream) const;
    void end(wire::StreamId stream, const Outcome& outcome);

    void on_data(wire::StreamId stream, std::uint8_t channel, std::span<const char> bytes) override;
    void on_eof(wire::StreamId stream, std::uint8_t channel) override;
    void on_changed(wire::StreamId stream, const wire::Changed& changed) override;
    void on_started(wire::StreamId stream, std::uint64_t process) override;
    void on_processes(wire::StreamId stream, std::span<const wire::ProcessInfo> processes) override;
    void on_attached(wire::StreamId stream, const wire::Attached& attached) override;
    void on_measured(wire::StreamId stream, const wire::Measured& measured) override;
    void on_opened(wire::StreamId stream) override;
    void on_credit(wire::StreamId stream, std::uint8_t channel) override;
    void on_entries(wire::StreamId stream, std::span<const wire::Entry> entries) override;
    void on_exit(wire::StreamId stream, const wire::Exit& exit) override;
    void on_reply(wire::StreamId stream, const wire::Reply& reply) override;
    void on_error(wire::StreamId stream, const wire::Failure& failure) override;
    void on_hello(const wire::Hello& hello) override;
    void on_pong(std::uint64_t nonce) override;
    void on_proxy(wire::StreamId stream, const wire::Proxy& wanted) override;
    void on_name_refused(const wire::NameRefused& name) override;

    wire::Owner owner_;
    std::unique_ptr<Channel> channel_;
    Condition changed_;
    Condition written_;
    Condition life_;
    std::map<wire::StreamId, StreamSink*> sinks_;
    std::map<wire::StreamId, Outcome> outcomes_;
    std::set<wire::StreamId> abandoned_;
    EgressHandler* egress_ = nullptr;
    std::optional<Error> fault_;
    std::optional<Condition::TimePoint> pinged_;
    Upkeep upkeep_;
    std::chrono::milliseconds rhythm_;
    bool writing_ = false;
    std::string peer_;
    bool said_hello_ = false;
    bool over_ = false;
};

}  // namespace sbx
