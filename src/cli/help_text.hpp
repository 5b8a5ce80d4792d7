#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <utility>
#include <vector>

namespace sbx::cli {

// What help, manual and completions are made of, read from the tree of commands.

/// Options that are shown, by group, in the order of their declaration.
std::vector<std::pair<std::string, std::vector<const CLI::Option*>>> option_groups(const CLI::App& command);

/// Commands that are shown.
std::vector<const CLI::App*> subcommands(const CLI::App& command);

/// `-e, --env K=V`
std::string spelling(const CLI::Option& option);

/// `sbx config get [FLAGS] KEY`
std::string usage(const CLI::App& command);

/// Command line and meaning of each example.
std::vector<std::pair<std::string, std::string>> examples(const CLI::App& command);

/// What `--help` prints.
std::string help_text(const CLI::App& command);

}  // namespace sbx::cli
