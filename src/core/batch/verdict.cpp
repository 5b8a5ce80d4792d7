#include "core/batch/verdict.hpp"

#include "core/wire/base64.hpp"

#include <fmt/format.h>
#include <boost/describe/enum_to_string.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sbx::batch {
namespace {

template <class Json>
std::string text_at(const Json& object, const char* key)
{
    const auto at = object.find(key);
    return at != object.end() && at->is_string() ? at->template get<std::string>() : std::string();
}

/// A stream of the record, which stands in another field where it is not UTF-8.
template <class Json>
std::string stream_at(const Json& record, const std::string& name)
{
    std::string bytes;
    if (wire::from_base64(text_at(record, (name + "_base64").c_str()), bytes) && !bytes.empty()) return bytes;
    return text_at(record, name.c_str());
}

/// How a program that did not come to its own end was ended; empty where it did.
std::string interruption(std::string_view phase, std::string_view reason)
{
    if (reason != "exited" && reason != "signaled")
        return fmt::format("the {} was ended: {}", phase == "compile" ? "compilation" : "program", reason);
    return phase == "run" ? std::string() : std::string("it does not compile");
}

std::string interruption(const Execution& execution)
{
    return interruption(boost::describe::enum_to_string(execution.phase, "?"),
                        boost::describe::enum_to_string(execution.reason, "?"));
}

template <class Json>
std::optional<Outcome> read_outcome(const Json& line)
{
    if (!line.is_object() || !line.contains("id") || !line.contains("passed")) return std::nullopt;
    const Json& id = line["id"];
    const Json& passed = line["passed"];
    if (!(id.is_string() || id.is_number_integer()) || !(passed.is_null() || passed.is_boolean())) return std::nullopt;
    Outcome outcome;
    outcome.id = id.is_string() ? id.template get<std::string>() : id.dump();
    if (const auto at = line.find("wall_ms"); at != line.end() && at->is_number())
        outcome.seconds = at->template get<double>() / 1000;
    outcome.output = stream_at(line, "stdout");
    outcome.errors = stream_at(line, "stderr");
    if (line.contains("error")) {
        outcome.state = Outcome::State::error;
        outcome.why = text_at(line["error"], "message");
    } else if (passed.is_boolean()) {
        outcome.state = passed.template get<bool>() ? Outcome::State::passed : Outcome::State::failed;
        outcome.why = text_at(line, "difference");
    } else {
        outcome.why = interruption(text_at(line, "phase"), text_at(line, "reason"));
        outcome.state = outcome.why.empty() ? Outcome::State::ran : Outcome::State::failed;
    }
    return outcome;
}

}  // namespace

std::size_t compared_bytes(const std::string& expected)
{
    constexpr std::size_t margin = std::size_t{64} << 10;
    return std::max(recorded_bytes, 2 * expected.size() + margin);
}

Verdict judge(const Job& job, const std::string& expected, const Execution& execution)
{
    Verdict verdict;
    if (!job.expects()) return verdict;
    verdict.passed = false;
    verdict.difference = interruption(execution);
    if (!verdict.difference.empty()) return verdict;
    const int code = job.expected_exit_code.value_or(0);
    if (execution.exit_code != code) {
        verdict.difference = fmt::format("exit code: expected {}, got {}", code, execution.exit_code.value_or(-1));
        return verdict;
    }
    const bool has_program = job.check && job.check->program;
    if (execution.truncated && (job.expected_output || has_program))
        verdict.difference = fmt::format("more than {} bytes of output", compared_bytes(expected));
    else if (job.expected_output && !has_program)
        verdict.difference = difference(job.check.value_or(Check()), expected, execution.stdout_bytes).value_or("");
    verdict.passed = verdict.difference.empty();
    return verdict;
}

std::optional<Outcome> outcome_of(const nlohmann::json& line)
{
    return read_outcome(line);
}

std::optional<Outcome> outcome_of(const nlohmann::ordered_json& line)
{
    return read_outcome(line);
}

}  // namespace sbx::batch
