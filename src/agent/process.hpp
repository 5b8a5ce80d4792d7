#pragma once

#include "agent/channels.hpp"
#include "agent/operation.hpp"
#include "core/descriptor.hpp"
#include "core/wire/messages.hpp"

#include <vector>

namespace sbx::agent {

struct Program;

/// One program, from `spawn` to its exit record.
class Process : public Operation {
   public:
    Process(Sandbox& sandbox, StreamId id, wire::Spawn spawn);

    void collect(PollSet& set) override;
    void on_ready(int fd, short events) override;
    std::optional<TimePoint> deadline() const override { return deadline_; }
    void on_deadline() override;
    void settle() override;
    bool on_reaped(pid_t pid, int status, const rusage& usage) override;

    const char* on_data(std::uint8_t channel, std::span<const char> bytes) override;
    const char* on_eof(std::uint8_t channel) override;
    const char* on_credit(std::uint8_t channel, std::uint32_t bytes) override;
    void on_signal(int signal) override;
    void on_resize(const wire::Resize& size) override;
    void on_close() override;

    /// For a detached process: whether somebody may attach, and have it on another stream from now on.
    bool may_be_followed() const;
    void follow(StreamId stream, std::uint32_t window);

   private:
    /// draining: the program has ended, output may still come; swept: what it left behind is killed, only what that
    /// wrote is still on the way.
    enum class Phase { running, draining, swept };

    /// A channel in both directions. stdin has only the first, stdout and stderr only the second.
    struct Line {
        std::uint8_t channel;
        Inlet inlet;
        Outlet outlet;
        Descriptor to_program;  ///< a pipe that is not the outlet's descriptor
        bool has_inlet;
    };

    void run() override;
    bool take_preloaded();
    bool open_lines(Program& program, std::vector<Descriptor>& childs);
    bool open_line(Line& line, Program& program, std::vector<Descriptor>& childs);
    Line* line(std::uint8_t channel);
    bool holds_output() const;
    void relay(Line& line);
    bool on_report();
    void on_terminal(Descriptor terminal);
    void detach_inlet_of(int fd);
    void on_running();
    void move_lines(std::uint32_t window);
    void replay();
    void finish_input(Line& line);
    void sweep();
    void end_unstarted(int signal);
    void report_exit();

    wire::Spawn spawn_;
    Phase phase_ = Phase::running;
    std::vector<Line> lines_;
    Descriptor report_;
    Descriptor preloaded_;          ///< what an interpreter that was told to be this program answers on
    Detached* detached_ = nullptr;  ///< once it runs, when it is one
    Replay replay_;                 ///< what is sent before anything new
    pid_t pid_ = -1;
    bool reaped_ = false;
    bool failed_ = false;  ///< the program never ran
    wire::Failure failure_;
    bool killed_by_owner_ = false;
    char last_typed_ = '\n';
    std::optional<TimePoint> deadline_;

    TimePoint started_;
    std::uint64_t oom_kills_before_ = 0;
    unsigned kills_before_ = 0;
    Usage orphans_before_;
    std::chrono::microseconds usage_before_{0};  ///< of a preloaded interpreter, before it became this program
    Usage usage_;
    wire::Exit exit_;
};

}  // namespace sbx::agent
