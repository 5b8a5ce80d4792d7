#pragma once

#include "core/batch/check.hpp"
#include "sbx/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sbx::batch {

/// Bytes that a job brings along, or the file of this host that holds them.
using Content = std::variant<std::string, std::filesystem::path>;

/// One line of a batch (docs/batch.md), as it was written. Nothing is looked up.
struct Job {
    std::string id;             ///< its text, also where it was a number; the line's number where there was none
    bool id_is_number = false;  ///< so it is told in the result
    std::uint64_t line = 0;     ///< of the input, from 1
    std::string language;       ///< empty: told by the file, else the batch's
    std::optional<std::string> code;
    std::string file;   ///< of this host, where there is no code
    std::string entry;  ///< the file that starts, where `file` is a directory
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment;
    Content input = std::string();                       ///< stdin
    std::vector<std::string> sources;                    ///< SRC[:DST], as --file takes it
    std::vector<std::pair<std::string, Content>> files;  ///< place inside and what is there
    std::optional<std::string> image;
    std::vector<std::string> libraries;
    std::vector<std::pair<std::string, std::string>> limits;  ///< setting and its text: "limits.memory", "256m"
    std::optional<Content> expected_output;
    std::optional<int> expected_exit_code;
    std::optional<Check> check;

    bool operator==(const Job&) const = default;

    /// Whether anything is asked of its result.
    bool expects() const { return expected_output || expected_exit_code || (check && check->program); }
};

/// @param line  one line without its end
/// @error invalid_argument  no JSON object, an unknown key (with the nearest as hint), a value of another kind
Result<Job> parse_job(std::string_view line, std::uint64_t number);

/// The bytes, read from this host where they are in a file.
/// @error not_found, permission_denied, too_large
Result<std::string> read_content(const Content& content);

}  // namespace sbx::batch
