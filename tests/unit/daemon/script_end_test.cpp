#include "catch.hpp"

#include "daemon/sessions/script_end.hpp"

using namespace std::chrono_literals;
using sbx::Execution;
using sbx::Limits;
using sbx::OutputStream;
using sbx::Phase;
using sbx::Reason;
using sbx::daemon::InterpreterFate;
using sbx::daemon::script_end;
using sbx::daemon::ScriptEnd;
using sbx::daemon::ScriptOutput;

namespace {

Execution ended(Reason reason, int exit_code)
{
    Execution execution;
    execution.reason = reason;
    execution.exit_code = exit_code;
    return execution;
}

Limits limits()
{
    Limits limits;
    limits.wall_ms = 30s;
    limits.memory_bytes = 512ULL << 20;
    return limits;
}

}  // namespace

TEST_CASE("code that ends by itself has its own words alone")
{
    ScriptOutput output;
    output.add(OutputStream::out, "a");
    output.add(OutputStream::err, "b");
    output.add(OutputStream::out, "c");
    const ScriptEnd end = script_end(output, ended(Reason::exited, 3), limits(), InterpreterFate());
    CHECK(end == ScriptEnd{"ac", "b", 3});
}

TEST_CASE("a line says why code was ended, on a line of its own")
{
    const auto [reason, line] = GENERATE(table<Reason, std::string>({
        {Reason::timeout, "Execution timed out after 30 seconds\n"},
        {Reason::oom, "Memory limit of 512 MB exceeded\n"},
        {Reason::output_limit, "Output limit exceeded\n"},
        {Reason::signaled, ""},
        {Reason::disk, ""},
    }));
    ScriptOutput output;
    CHECK(script_end(output, ended(reason, 1), limits(), InterpreterFate()).errors == line);
    output.add(OutputStream::err, "no end");
    const std::string between = line.empty() ? "" : "\n";
    CHECK(script_end(output, ended(reason, 1), limits(), InterpreterFate()).errors == "no end" + between + line);
}

TEST_CASE("a compilation has its own time")
{
    Execution execution = ended(Reason::timeout, 124);
    execution.phase = Phase::compile;
    Limits own = limits();
    own.wall_ms = 1500ms;
    const ScriptEnd end = script_end(ScriptOutput(), execution, own, InterpreterFate());
    CHECK(end.errors == "Compilation timed out after 1.5 seconds\n");
}

TEST_CASE("what became of the interpreter stands before and after the code's own words")
{
    ScriptOutput output;
    output.add(OutputStream::err, "mine");
    InterpreterFate fate;
    fate.was_lost = true;
    fate.has_ended = true;
    const ScriptEnd end = script_end(output, ended(Reason::timeout, 124), limits(), fate);
    CHECK(end.errors ==
          "The session's state was lost: its interpreter had ended\nmine\n"
          "The interpreter has ended: the session's variables are lost\nExecution timed out after 30 seconds\n");
}

TEST_CASE("a stream that is too long is cut between characters, and that is told")
{
    const std::size_t most = std::size_t{1} << 20;
    ScriptOutput output;
    output.add(OutputStream::out, std::string(most - 1, 'x'));
    output.add(OutputStream::out, "é");
    output.add(OutputStream::err, std::string(most, 'y'));
    const ScriptEnd end = script_end(output, ended(Reason::exited, 0), limits(), InterpreterFate());
    CHECK(end.output == std::string(most - 1, 'x'));
    CHECK(end.errors == std::string(most, 'y') + "\nstdout truncated at 1048576 bytes\n");
}
