#pragma once

#include "agent/detached.hpp"
#include "agent/ends.hpp"
#include "agent/poll_set.hpp"
#include "agent/preloaded.hpp"
#include "agent/spare_worker.hpp"
#include "agent/uplink.hpp"

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace sbx::agent {

/// What processes used, by wait4(2).
struct Usage {
    std::uint64_t user_us = 0;
    std::uint64_t system_us = 0;
    std::uint64_t peak_rss_bytes = 0;

    void add(const rusage& usage);
};

/// A failure in no more words than the owner takes: of a longer text the middle is left out.
wire::Failure make_failure(wire::FailureCode code, std::string message);

/// What all operations share.
struct Sandbox {
    Uplink* uplink;  ///< to the owner of this moment
    Preloaded preloaded;
    SpareWorker spare;
    Ends ends;
    DetachedProcesses detached;
    bool one_shot = false;
    bool proxies = false;   ///< programs are told of the proxies
    unsigned running = 0;   ///< operations that have started and not ended
    Usage orphans;          ///< of processes whose parents had ended
    unsigned kills = 0;     ///< of everything, by the owner
    bool childless = true;  ///< nothing at all is left to reap
};

/// What one stream is about, from its opening to its last frame.
class Operation : public Pollable {
   public:
    Operation(Sandbox& sandbox, StreamId id, StreamId after) : sandbox_(sandbox), id_(id), after_(after) {}
    ~Operation() override;
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

    /// 0 when it has no stream any more.
    StreamId id() const { return id_; }
    StreamId after() const { return after_; }
    bool has_started() const { return started_; }
    bool has_ended() const { return ended_; }
    /// Whether this object, having ended, has nothing left to wait for.
    virtual bool is_disposable() const { return true; }

    /// What this came after has ended well.
    void start();
    /// Ends the stream with an error.
    void fail(wire::FailureCode code, std::string message);

    virtual void collect(PollSet&) {}
    void on_ready(int, short) override {}
    virtual std::optional<TimePoint> deadline() const { return {}; }
    virtual void on_deadline() {}
    /// Called after whatever happened: time to see whether it is over.
    virtual void settle() {}
    /// @return whether that process was this operation's own
    virtual bool on_reaped(pid_t, int /*status*/, const rusage&) { return false; }

    // From the owner. A text is a protocol violation.
    virtual const char* on_data(std::uint8_t channel, std::span<const char> bytes);
    virtual const char* on_eof(std::uint8_t channel);
    virtual const char* on_credit(std::uint8_t channel, std::uint32_t bytes);
    virtual void on_signal(int) {}
    virtual void on_resize(const wire::Resize&) {}
    virtual void on_close() { fail(wire::FailureCode::cancelled, "closed by the owner"); }

    /// The owner is gone: as when it closes the stream, but nobody is told.
    void abandon();

   protected:
    virtual void run() = 0;
    void reply(const wire::Reply& reply);
    void finish(bool succeeded);
    Uplink& uplink() { return *sandbox_.uplink; }
    /// Another operation serves this stream from now on, and this one is over.
    StreamId hand_over();
    void take_stream(StreamId id) { id_ = id; }
    /// Ends the stream with an error, but not the operation.
    void leave_stream(std::string message);

    Sandbox& sandbox_;

   private:
    StreamId id_;
    StreamId after_;
    bool started_ = false;
    bool ended_ = false;
};

}  // namespace sbx::agent
