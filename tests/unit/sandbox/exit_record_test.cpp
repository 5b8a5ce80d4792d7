#include "core/sandbox/exit_record.hpp"

#include "catch.hpp"

#include <csignal>

using namespace std::chrono_literals;
using namespace sbx;

namespace {

PhaseEnd phase_end()
{
    PhaseEnd end;
    end.elapsed = 5s;
    return end;
}

RunResult recorded(const wire::Exit& exit, const PhaseEnd& end)
{
    RunResult result;
    record_exit(exit, end, result);
    return result;
}

}  // namespace

TEST_CASE("a program's own exit code is its own")
{
    const RunResult result = recorded({.code = 3}, phase_end());
    CHECK(result.execution.exit_code == 3);
    CHECK(result.execution.reason == Reason::exited);
    CHECK(result.execution.origin == Origin::program);
    CHECK(result.explanation.empty());
}

TEST_CASE("a program that ends with 124 by itself did not run out of time")
{
    const RunResult result = recorded({.code = 124}, phase_end());
    CHECK(result.execution.reason == Reason::exited);
    CHECK(result.execution.origin == Origin::program);
}

TEST_CASE("a signal is 128 and its number")
{
    const RunResult result = recorded({.signal = SIGSEGV}, phase_end());
    CHECK(result.execution.exit_code == 139);
    CHECK(result.execution.signal == SIGSEGV);
    CHECK(result.execution.reason == Reason::signaled);
}

TEST_CASE("a time limit is 124 whatever the program answered, and says how to get more")
{
    PhaseEnd end = phase_end();
    end.limits.wall_ms = 30s;
    end.cause = StopCause::timeout;
    const RunResult result = recorded({.code = 7}, end);
    CHECK(result.execution.exit_code == 124);
    CHECK(result.execution.origin == Origin::sbx);
    CHECK(result.explanation == "timeout: the program took longer than 30s; try --timeout 1m");
}

TEST_CASE("a compilation that takes too long names its own flag")
{
    PhaseEnd end = phase_end();
    end.phase = Phase::compile;
    end.limits.wall_ms = 2min;
    end.cause = StopCause::timeout;
    const RunResult result = recorded({.signal = SIGTERM}, end);
    CHECK(result.execution.phase == Phase::compile);
    CHECK(result.explanation == "timeout: the compilation took longer than 2m; try --compile-timeout 4m");
}

TEST_CASE("running out of memory tells limit, peak and files")
{
    wire::Exit exit{.signal = SIGKILL, .oom = true};
    exit.memory_peak_bytes = 511ULL << 20;
    exit.memory_in_files_bytes = 200ULL << 20;
    const RunResult result = recorded(exit, phase_end());
    CHECK(result.execution.exit_code == 137);
    CHECK(result.execution.reason == Reason::oom);
    CHECK(result.explanation ==
          "killed: out of memory (limit 512 MiB, peak 511 MiB, 200 MiB of it in files); try --memory 1g");
}

TEST_CASE("a child's death for want of memory is not the program's")
{
    const RunResult result = recorded({.code = 0, .oom_kills = 1}, phase_end());
    CHECK(result.execution.reason == Reason::exited);
}

TEST_CASE("a full disk counts only when the program failed")
{
    CHECK(recorded({.code = 0, .disk_full = true}, phase_end()).execution.reason == Reason::exited);
    const RunResult failed = recorded({.code = 1, .disk_full = true}, phase_end());
    CHECK(failed.execution.reason == Reason::disk);
    CHECK(failed.execution.exit_code == 1);
    CHECK(failed.execution.origin == Origin::sbx);
}

TEST_CASE("an interrupted program keeps its own answer unless it had to be killed")
{
    PhaseEnd end = phase_end();
    end.cause = StopCause::interrupted;
    end.polite_signal = SIGINT;
    CHECK(recorded({.code = 7}, end).execution.exit_code == 7);
    CHECK(recorded({.signal = SIGINT}, end).execution.exit_code == 130);
    end.killed = true;
    const RunResult killed = recorded({.signal = SIGKILL}, end);
    CHECK(killed.execution.exit_code == 130);
    CHECK(killed.execution.reason == Reason::killed);
}

TEST_CASE("used up processor time is a time limit")
{
    PhaseEnd end = phase_end();
    end.limits.cpu_ms = 1s;
    wire::Exit exit{.signal = SIGXCPU};
    exit.user_us = 1'000'000;
    const RunResult result = recorded(exit, end);
    CHECK(result.execution.exit_code == 124);
    CHECK(result.execution.reason == Reason::timeout);
}

TEST_CASE("the agent cannot claim more time than has passed")
{
    wire::Exit exit;
    exit.wall_us = 3'600'000'000;
    CHECK(recorded(exit, phase_end()).execution.wall_ms == 5s);
}

TEST_CASE("without an exit frame the engine's word decides")
{
    const auto [oom, killed, reason, code] = GENERATE(table<bool, bool, Reason, int>({
        {true, false, Reason::oom, 137},
        {false, true, Reason::killed, 137},
        {false, false, Reason::killed, 137},
    }));
    RunResult result;
    record_lost(Ending{.oom = oom, .killed = killed}, phase_end(), result);
    CHECK(result.execution.reason == reason);
    CHECK(result.execution.exit_code == code);
}

TEST_CASE("without the engine's word the run is lost")
{
    RunResult result;
    record_lost(std::nullopt, phase_end(), result);
    CHECK(result.execution.reason == Reason::lost);
    CHECK(result.execution.exit_code == 125);
    CHECK(result.execution.origin == Origin::sbx);
}
