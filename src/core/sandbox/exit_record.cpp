#include "core/sandbox/exit_record.hpp"

#include "sbx/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

namespace sbx {
namespace {

using std::chrono::milliseconds;

constexpr int timeout_exit = 124;
constexpr int lost_exit = 125;
constexpr int broken_pipe_exit = 141;
constexpr int output_limit_exit = 153;

Origin origin_of(Reason reason)
{
    switch (reason) {
        case Reason::timeout:
        case Reason::output_limit:
        case Reason::disk:
        case Reason::lost:
            return Origin::sbx;
        default:
            return Origin::program;
    }
}

void conclude(RunResult& result, Reason reason, int exit_code, std::string explanation)
{
    result.execution.reason = reason;
    result.execution.origin = origin_of(reason);
    result.execution.exit_code = exit_code;
    result.explanation = std::move(explanation);
}

std::string timeout_words(const PhaseEnd& end)
{
    const milliseconds limit = end.limits.wall_ms.value_or(milliseconds(0));
    const char* flag = end.phase == Phase::compile ? "--compile-timeout" : "--timeout";
    return fmt::format("timeout: the {} took longer than {}; try {} {}",
                       end.phase == Phase::compile ? "compilation" : "program", format_duration(limit), flag,
                       format_duration(limit * 2));
}

std::string oom_words(const wire::Exit& exit, const Limits& limits)
{
    std::string files;
    if (exit.memory_in_files_bytes >= limits.memory_bytes / 8)
        files = fmt::format(", {} of it in files", human_size(exit.memory_in_files_bytes));
    const std::uint64_t peak = std::min(exit.memory_peak_bytes, limits.memory_bytes);
    return fmt::format("killed: out of memory (limit {}, peak {}{}); try --memory {}", human_size(limits.memory_bytes),
                       human_size(peak), files, format_size(limits.memory_bytes * 2));
}

std::string disk_words(const Limits& limits)
{
    const std::uint64_t more = limits.disk_bytes * 2;
    const std::string memory =
        more > limits.memory_bytes / 2 ? fmt::format(" --memory {}", format_size(more * 2)) : std::string();
    return fmt::format("disk: /work ({}) or /tmp (half of it) is full; try --disk {}{}", human_size(limits.disk_bytes),
                       format_size(more), memory);
}

bool used_up_cpu(const wire::Exit& exit, const Limits& limits)
{
    if (!limits.cpu_ms) return false;
    const auto used = milliseconds((exit.user_us + exit.system_us) / 1000);
    return exit.signal == SIGXCPU || (exit.signal == SIGKILL && used >= *limits.cpu_ms);
}

/// The end that sbx brought about. False when the program's own word counts.
bool conclude_stop(const PhaseEnd& end, RunResult& result)
{
    if (!end.cause) return false;
    switch (*end.cause) {
        case StopCause::timeout:
            conclude(result, Reason::timeout, timeout_exit, timeout_words(end));
            return true;
        case StopCause::output_limit: {
            const std::uint64_t limit = end.limits.output_bytes.value_or(0);
            conclude(result, Reason::output_limit, output_limit_exit,
                     fmt::format("output limit: more than {}; try --max-output {}", human_size(limit),
                                 format_size(limit * 2)));
            return true;
        }
        case StopCause::interrupted:
            if (!end.killed) return false;
            conclude(result, Reason::killed, 128 + end.polite_signal, {});
            return true;
        case StopCause::reader_gone:
            conclude(result, Reason::killed, broken_pipe_exit, {});
            return true;
        case StopCause::output_failed:
            conclude(result, Reason::killed, lost_exit, {});
            return true;
    }
    return false;
}

void conclude_program(const wire::Exit& exit, const PhaseEnd& end, RunResult& result)
{
    const auto signal = static_cast<int>(exit.signal);
    const int code = signal != 0 ? 128 + signal : static_cast<int>(exit.code);
    if (exit.oom) return conclude(result, Reason::oom, killed_exit, oom_words(exit, end.limits));
    if (used_up_cpu(exit, end.limits))
        return conclude(result, Reason::timeout, timeout_exit,
                        fmt::format("timeout: the program used {} of processor time; try --cpu-time {}",
                                    format_duration(*end.limits.cpu_ms), format_duration(*end.limits.cpu_ms * 2)));
    if (code != 0 && exit.disk_full) return conclude(result, Reason::disk, code, disk_words(end.limits));
    conclude(result, signal != 0 ? Reason::signaled : Reason::exited, code, {});
}

}  // namespace

void record_exit(const wire::Exit& exit, const PhaseEnd& end, RunResult& result)
{
    Execution& execution = result.execution;
    execution.phase = end.phase;
    if (exit.signal != 0) execution.signal = static_cast<int>(exit.signal);
    // The agent is not trusted with limits, and its clock is capped by ours.
    execution.wall_ms = std::min(milliseconds(exit.wall_us / 1000), end.elapsed);
    execution.cpu_ms = milliseconds((exit.user_us + exit.system_us) / 1000);
    execution.peak_rss_bytes = exit.peak_rss_bytes;
    if (!conclude_stop(end, result)) conclude_program(exit, end, result);
}

void record_lost(const std::optional<Ending>& ending, const PhaseEnd& end, RunResult& result)
{
    result.execution.phase = end.phase;
    result.execution.wall_ms = end.elapsed;
    if (conclude_stop(end, result)) return;
    if (ending && ending->oom)
        return conclude(result, Reason::oom, killed_exit,
                        fmt::format("killed: out of memory (limit {}); try --memory {}",
                                    human_size(end.limits.memory_bytes), format_size(end.limits.memory_bytes * 2)));
    if (ending)
        return conclude(result, Reason::killed, killed_exit,
                        ending->killed ? "killed: the sandbox was ended from outside"
                                       : "killed: the sandbox ended before its program told how; sbx was stopped for "
                                         "longer than its lease, or the sandbox was killed from outside");
    conclude(result, Reason::lost, lost_exit, "lost: the engine went away during the run; try sbx doctor");
}

}  // namespace sbx
