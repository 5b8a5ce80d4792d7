#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/output_account.hpp"
#include "core/sandbox/program_io.hpp"
#include "core/sandbox/run.hpp"
#include "core/sandbox/stop_plan.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>

namespace sbx {

/// Told of a program in the background before its output: its number, and how many bytes of what it wrote before are no
/// longer kept.
using BackgroundKnown = std::function<void(std::uint64_t process, std::uint64_t dropped_bytes)>;

/// What a program writes, on its way to its reader at the reader's pace; the beginning is kept for the record, and so
/// is that of its report. Ends the program by the StopPlan when it writes too much or nobody can be written to.
class ProgramOutput : private StreamSink {
   public:
    ProgramOutput(AgentLink& link, ProgramIo& io, StopPlan& stop, const RunRequest& request, RunResult& result);

    /// Takes the output of this program from now on, and holds it until `begin`.
    void follow(wire::StreamId program);
    /// The same of one in the background.
    void follow(wire::StreamId program, BackgroundKnown known);
    /// The reader has been told of the beginning: what comes may be written out.
    void begin();
    /// Writes one stream out until `finish`, and what had come until then.
    asio::awaitable<void> write(OutputStream stream);
    /// Waits until all that came has reached its reader.
    asio::awaitable<void> drain();
    void finish();

    /// Why the output could not be written; `cancelled` when the reader had gone.
    const std::optional<Error>& failure() const { return failure_; }

   private:
    struct Pending {
        std::string bytes;  ///< not yet handed to the reader
        bool busy = false;  ///< the reader is taking some
    };

    void on_data(std::uint8_t channel, std::span<const char> bytes) override;
    void on_started(std::uint64_t process) override { background_(process, 0); }
    void on_attached(const wire::Attached& attached) override { background_(attached.process, attached.dropped_bytes); }
    void keep_report(std::span<const char> bytes);
    asio::awaitable<void> write_out(OutputStream stream, std::string& bytes);

    AgentLink& link_;
    ProgramIo& io_;
    StopPlan& stop_;
    OutputAccount account_;
    std::size_t report_bytes_;  ///< how much of it is kept
    std::string& report_;

    wire::StreamId program_ = 0;
    BackgroundKnown background_ = [](std::uint64_t, std::uint64_t) {};
    std::array<Pending, 2> pending_;
    std::optional<Error> failure_;
    bool begun_ = false;
    bool finished_ = false;
};

}  // namespace sbx
