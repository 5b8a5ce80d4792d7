#pragma once

#include "cli/context.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::cli {

/// One row a command. `build` declares its options, examples and callback.
struct Command {
    std::string_view name;
    std::string_view summary;
    void (*build)(CLI::App& command, Context& context);
    bool runs_program = false;    ///< its first operand ends the flags, its exit codes are those of `run`
    bool flags_anywhere = false;  ///< then its operands are no program's: flags may follow them
    bool remote = false;          ///< a daemon can carry it out
    bool local = false;           ///< it has to do with this machine alone, which may not be what SBX_HOST suggests
};

std::span<const Command> commands();

/// The tree of commands. Only the command called `only` gets its options, all of them when it is empty: help and
/// completion need the whole tree, a run does not.
std::unique_ptr<CLI::App> build_app(Context& context, std::string_view only);

/// Examples for help and manual: what follows the program's name, and what it does.
struct Example {
    std::string arguments;
    std::string meaning;
};
void set_examples(CLI::App& command, const Context& context, std::initializer_list<Example> examples);

/// Parses and runs one command line; `context.exit_code` says how it ended.
void run_app(Context& context, const std::vector<std::string>& arguments);

}  // namespace sbx::cli
