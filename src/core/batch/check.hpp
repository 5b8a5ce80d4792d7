#pragma once

#include "sbx/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::batch {

/// The program of somebody's own check. It runs in a sandbox, and is given the names of three files.
struct CheckProgram {
    std::string language;  ///< may be empty
    std::optional<std::string> code;
    std::string file;  ///< of this host, where there is no code
    std::vector<std::string> arguments;

    bool operator==(const CheckProgram&) const = default;
};

/// How a program's output is held against the expected one.
struct Check {
    enum class Kind {
        exact,   ///< the bytes are equal
        tokens,  ///< the words between white space are equal
        floats,  ///< the same, but numbers may differ a little
    };

    Kind kind = Kind::exact;
    double tolerance = 1e-6;              ///< of floats: absolute, or relative to the expected number
    std::optional<CheckProgram> program;  ///< decides instead, where there is one

    bool operator==(const Check&) const = default;
};

/// `exact`, `tokens`, `floats`, `floats:1e-9` or `program:FILE`, as --check takes it.
/// @error invalid_argument
Result<Check> parse_check(std::string_view text);

/// @return how the two differ, in a few words, or nothing where the check is content
std::optional<std::string> difference(const Check& check, std::string_view expected, std::string_view actual);

}  // namespace sbx::batch
