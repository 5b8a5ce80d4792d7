#pragma once

#include "sbx/error.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sbx::cli {

/// One command line, taken apart by the options that the commands declare. CLI11 alone would guess: it takes a
/// program's own flags for ours, and the word after `--name=` for its value.
struct CommandLine {
    const CLI::App* command = nullptr;  ///< the innermost command that was named
    std::vector<std::string> words;     ///< commands and flags, ready for CLI11
    std::vector<std::string> operands;  ///< what is neither; everything after the first one when `operands_end_flags`
    bool separator = false;             ///< the operands came after `--`
    bool json = false;                  ///< --json was among the flags, wherever an error is
    bool ndjson = false;                ///< likewise --ndjson
    std::string meta;                   ///< likewise the value of --meta
    std::optional<Error> error;         ///< the first thing that is wrong
};

/// @param arguments           without argv[0]
/// @param operands_end_flags  the first operand is a program and all that follows belongs to it
CommandLine read_command_line(const CLI::App& app, const std::vector<std::string>& arguments, bool operands_end_flags);

/// `sbx config get`: the command with those above it.
std::string full_name(const CLI::App& command);

}  // namespace sbx::cli
