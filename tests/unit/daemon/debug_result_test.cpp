#include "catch.hpp"

#include "daemon/debugging/debug_result.hpp"

#include <nlohmann/json.hpp>

using namespace std::chrono_literals;
using sbx::ExecutionState;
using sbx::Limits;
using sbx::Reason;
using sbx::RunResult;
using sbx::StoredExecution;
using sbx::daemon::DebugException;
using sbx::daemon::DebugExtra;
using sbx::daemon::DebugReport;
using sbx::daemon::DebugResult;
using sbx::daemon::DebugStatus;
using sbx::daemon::digits_of;
using sbx::daemon::error_of;
using sbx::daemon::last_exception;
using sbx::daemon::parse_report;
using sbx::daemon::result_of;
using sbx::daemon::write_extra;

namespace {

constexpr const char* digits = "0123456789ab4def8123456789abcdef";
constexpr const char* uuid = "01234567-89ab-4def-8123-456789abcdef";

RunResult ended(Reason reason, int exit_code)
{
    RunResult result;
    result.execution.reason = reason;
    result.execution.exit_code = exit_code;
    return result;
}

Limits limits()
{
    Limits limits;
    limits.wall_ms = 30s;
    limits.memory_bytes = 512ULL << 20;
    return limits;
}

DebugException raised(const std::string& type, const std::string& message)
{
    DebugException exception;
    exception.type = type;
    exception.message = message;
    return exception;
}

StoredExecution stored(const DebugExtra& extra)
{
    StoredExecution execution;
    execution.id = digits;
    execution.state = ExecutionState::ended;
    execution.reason = Reason::exited;
    execution.exit_code = 0;
    execution.created = 1'704'067'200'000ms;
    execution.started = 1'704'067'200'000ms;
    execution.ended = 1'704'067'201'500ms;
    execution.record = R"({"stdout":"out","stderr":"err","truncated":false})";
    execution.extra = write_extra(extra);
    return execution;
}

}  // namespace

TEST_CASE("a report of the runner's form is taken")
{
    const DebugReport report = parse_report(R"({"variables_after": {"x": "1"}, "truncated": false, "exceptions": [
        {"type": "E", "message": "m", "traceback": "t", "frames": [
            {"file": "main.py", "line": 3, "function": "f", "source": "s", "locals": {"y": "2"}}]}]})");
    CHECK(report.variables_after.at("x") == "1");
    REQUIRE(report.exceptions.size() == 1);
    REQUIRE(report.exceptions[0].frames.size() == 1);
    CHECK(report.exceptions[0].frames[0].line == 3);
    CHECK(report.exceptions[0].frames[0].locals.at("y") == "2");
}

TEST_CASE("whatever else comes on the channel is nothing")
{
    const std::string deep(100'000, '[');
    for (const std::string& text :
         {std::string(), std::string("garbage"), std::string("{}{}"), std::string("[]"), deep, std::string("\xff\xfe"),
          std::string(R"({"variables_after": {"x": 1}})"), std::string(R"({"variables_after": []})"),
          std::string(R"({"exceptions": [{"frames": [{"line": "three"}]}]})"), std::string(R"({"other": 1})"),
          std::string(R"({"truncated": false} and more)")}) {
        CAPTURE(text.substr(0, 50));
        CHECK(parse_report(text) == DebugReport());
    }
}

TEST_CASE("a good end has no error, and every other one sentence")
{
    const DebugReport none;
    CHECK_FALSE(error_of(ended(Reason::exited, 0), limits(), none));
    CHECK(error_of(ended(Reason::exited, 3), limits(), none) == "The program ended with exit code 3");
    CHECK(error_of(ended(Reason::timeout, 124), limits(), none) == "Execution timed out after 30 seconds");
    CHECK(error_of(ended(Reason::oom, 137), limits(), none) == "Memory limit of 512 MB exceeded");
    CHECK(error_of(ended(Reason::output_limit, 153), limits(), none) == "Output limit exceeded");
    CHECK(error_of(ended(Reason::lost, 125), limits(), none) == "The execution was lost");
    RunResult killed = ended(Reason::signaled, 139);
    killed.execution.signal = 11;
    CHECK(error_of(killed, limits(), none) == "The program ended by signal 11");
}

TEST_CASE("the exception that ended the code is the error")
{
    DebugReport report;
    report.exceptions = {raised("KeyError", "'k'"), raised("NameError", "name 'x' is not defined")};
    CHECK(error_of(ended(Reason::exited, 1), limits(), report) == "NameError: name 'x' is not defined");
    report.exceptions = {raised("AssertionError", "")};
    CHECK(error_of(ended(Reason::exited, 1), limits(), report) == "AssertionError");
    report.exceptions = {raised("SystemExit", "1")};
    CHECK(error_of(ended(Reason::exited, 1), limits(), report) == "The program ended with exit code 1");
    report.exceptions = {raised("E", std::string(100'000, 'x'))};
    CHECK(error_of(ended(Reason::exited, 1), limits(), report)->size() == 4096);
    RunResult plain = ended(Reason::exited, 1);
    plain.last_words =
        "noise\nTraceback (most recent call last):\n  File \"main.py\", line 1, in <module>\n    x\n"
        "NameError: name 'x' is not defined\n";
    CHECK(error_of(plain, limits(), DebugReport()) == "NameError: name 'x' is not defined");
}

TEST_CASE("the last exception is read out of what was written on stderr")
{
    CHECK(last_exception("") == "");
    CHECK(last_exception("no traceback\n") == "");
    CHECK(last_exception("Traceback (most recent call last):\n  File \"a\", line 1, in f\nE: one\ntwo\n") ==
          "E: one\ntwo");
    CHECK(last_exception("Traceback (most recent call last):\n  File \"a\", line 1\nE: 1\n\nDuring …:\n\n"
                         "Traceback (most recent call last):\n  File \"a\", line 2\n    raise\nE: 2\n") == "E: 2");
    CHECK(last_exception("  File \"main.py\", line 1\n    def f(:\n          ^\nSyntaxError: invalid syntax\n") ==
          "SyntaxError: invalid syntax");
    CHECK(last_exception("Traceback (most recent call last):\n") == "");
    CHECK(last_exception("Traceback (most recent call last):\n  File") == "");
    CHECK(last_exception("said: Traceback (most recent call last):\nx\n") == "");
}

TEST_CASE("a result has what the store has")
{
    DebugExtra extra;
    extra.processor_id = "p";
    const DebugResult result = result_of(stored(extra));
    CHECK(result.execution_id == uuid);
    CHECK(result.status == DebugStatus::completed);
    CHECK(result.output == "out");
    CHECK(result.stderr == "err");
    CHECK(result.start_time == "2024-01-01T00:00:00Z");
    CHECK(result.end_time == "2024-01-01T00:00:01.500Z");
    CHECK(result.execution_time == 1.5);
    CHECK(result.processor_id == "p");
    CHECK_FALSE(result.debug_info);
    CHECK_FALSE(result.error);
}

TEST_CASE("what debugging tells has the streams beside it")
{
    DebugExtra extra;
    extra.debug_mode = true;
    extra.report.variables_after["x"] = "1";
    const DebugResult result = result_of(stored(extra));
    REQUIRE(result.debug_info);
    CHECK(result.debug_info->variables_after.at("x") == "1");
    CHECK(result.debug_info->stdout == "out");
    CHECK(result.debug_info->stderr == "err");
}

TEST_CASE("one that is under way, was cancelled or was lost says so")
{
    StoredExecution execution = stored(DebugExtra());
    execution.record.clear();
    execution.state = ExecutionState::queued;
    execution.started.reset();
    execution.ended.reset();
    CHECK(result_of(execution).status == DebugStatus::running);
    CHECK(result_of(execution).start_time == "2024-01-01T00:00:00Z");
    CHECK_FALSE(result_of(execution).end_time);
    CHECK_FALSE(result_of(execution).error);
    execution.state = ExecutionState::cancelled;
    CHECK(result_of(execution).status == DebugStatus::cancelled);
    CHECK(result_of(execution).error == "Execution cancelled");
    execution.state = ExecutionState::ended;
    execution.reason = Reason::lost;
    execution.exit_code.reset();
    CHECK(result_of(execution).status == DebugStatus::failed);
    CHECK(result_of(execution).error == "The execution was lost");
}

TEST_CASE("bytes that are no text are shown, and what was cut is said")
{
    StoredExecution execution = stored(DebugExtra());
    execution.record = R"({"stdout":null,"stdout_base64":"/w==","stderr":null,"truncated":false})";
    CHECK(result_of(execution).output == "\xff");
    CHECK(result_of(execution).stderr.empty());
    const std::string much = std::string((1U << 20) - 1, 'x') + "\xc3";
    nlohmann::json record{{"stderr", "err"}, {"truncated", true}};
    record["stdout"] = much.substr(0, much.size() - 1) + "y";
    execution.record = record.dump();
    CHECK(result_of(execution).stderr == "err\nstdout truncated at 1048576 bytes\n");
}

TEST_CASE("a report that the store does not take is left out")
{
    DebugExtra extra;
    extra.debug_mode = true;
    extra.error = "E";
    extra.report.variables_after["x"] = std::string(2U << 20, 'x');
    const std::string text = write_extra(extra);
    CHECK(text.size() < 1000);
    CHECK(nlohmann::json::parse(text)["report"]["truncated"] == true);
}

TEST_CASE("an id is a UUID as it is written")
{
    CHECK(digits_of(uuid) == digits);
    for (const std::string& text : {std::string(), std::string(digits), std::string(uuid) + "-", std::string("-"),
                                    std::string("0123456789ab-4def-8123-456789abcdef"), std::string(36, '-')}) {
        CAPTURE(text);
        CHECK_FALSE(digits_of(text));
    }
}
