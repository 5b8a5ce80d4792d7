#include "core/batch/verdict.hpp"

#include "catch.hpp"

#include <nlohmann/json.hpp>

using namespace sbx;
using namespace sbx::batch;

namespace {

Execution printed(const std::string& text, int code = 0)
{
    Execution execution;
    execution.exit_code = code;
    execution.stdout_bytes = text;
    return execution;
}

Outcome::State state_of(const char* line)
{
    const auto outcome = outcome_of(nlohmann::json::parse(line));
    REQUIRE(outcome);
    return outcome->state;
}

}  // namespace

TEST_CASE("a job passes with the expected output and exit code")
{
    Job job;
    CHECK(judge(job, "", printed("x", 1)) == batch::Verdict());
    job.expected_output = std::string("x");
    CHECK(judge(job, "x", printed("x")).passed == true);
    CHECK(judge(job, "x", printed("y")).difference == "line 1: expected 'x', got 'y'");
    CHECK(judge(job, "x", printed("x", 1)).difference == "exit code: expected 0, got 1");
    job.expected_exit_code = 1;
    CHECK(judge(job, "x", printed("x", 1)).passed == true);
}

TEST_CASE("a program that did not come to its own end does not pass")
{
    Job job;
    job.expected_output = std::string("x");
    Execution execution = printed("x");
    execution.reason = Reason::timeout;
    CHECK(judge(job, "x", execution).difference == "the program was ended: timeout");
    execution.reason = Reason::exited;
    execution.phase = Phase::compile;
    CHECK(judge(job, "x", execution).difference == "it does not compile");
    execution.phase = Phase::run;
    execution.truncated = true;
    CHECK(judge(job, "x", execution).passed == false);
}

TEST_CASE("a line of the results tells what became of its job")
{
    using State = Outcome::State;
    CHECK(state_of(R"({"id": 1, "passed": true})") == State::passed);
    CHECK(state_of(R"({"id": "a", "passed": false, "difference": "x"})") == State::failed);
    CHECK(state_of(R"({"id": 1, "passed": null, "phase": "run", "reason": "exited"})") == State::ran);
    CHECK(state_of(R"({"id": 1, "passed": null, "phase": "run", "reason": "timeout"})") == State::failed);
    CHECK(state_of(R"({"id": 1, "passed": null, "phase": "compile", "reason": "exited"})") == State::failed);
    CHECK(state_of(R"({"id": 1, "passed": null, "error": {"message": "x"}})") == State::error);
    for (const char* other : {"1", "{}", R"({"id": 1})", R"({"id": [], "passed": null})", R"({"id": 1, "passed": 2})"})
        CHECK_FALSE(outcome_of(nlohmann::json::parse(other)));
}
