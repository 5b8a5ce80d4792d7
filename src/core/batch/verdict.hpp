#pragma once

#include "core/batch/job.hpp"
#include "sbx/execution.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace sbx::batch {

/// Of the output of a job, in its record (SECURITY-TARGETS §9).
inline constexpr std::size_t recorded_bytes = std::size_t{1} << 20;

/// Whether a job's result is the expected one.
struct Verdict {
    std::optional<bool> passed;  ///< nothing was expected: absent
    std::string difference;      ///< what is not as expected, in a few words

    bool operator==(const Verdict&) const = default;
};

/// How much of its output has to be kept for the comparison: what is longer differs for sure, or is mostly white space.
std::size_t compared_bytes(const std::string& expected);

/// All but what a check's own program decides.
/// @param expected  the bytes of `job.expected_output`
Verdict judge(const Job& job, const std::string& expected, const Execution& execution);

/// What became of a job, told from its line of the results.
struct Outcome {
    enum class State {
        passed,
        ran,     ///< nothing was expected of it, and it came to an end of its own
        failed,  ///< not as expected, not compiled, or ended by a limit
        error,   ///< sbx could not run it
    };

    std::string id;
    State state = State::ran;
    std::string why;  ///< of the last two
    double seconds = 0;
    std::string output;
    std::string errors;

    bool is_well() const { return state == State::passed || state == State::ran; }
};

/// @return nothing where the line is no result of a batch
std::optional<Outcome> outcome_of(const nlohmann::json& line);
/// The same of one that was just made.
std::optional<Outcome> outcome_of(const nlohmann::ordered_json& line);

}  // namespace sbx::batch
