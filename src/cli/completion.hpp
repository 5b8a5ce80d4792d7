#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::cli {

/// What may follow a flag or stand as an operand.
struct Expected {
    std::vector<std::string> words;  ///< one of these
    bool file = false;               ///< or a path
    std::string query;               ///< or one of those that this program prints when it is called so
    bool more_follows = false;       ///< in the same word

    bool is_known() const { return file || !query.empty() || !words.empty(); }
};

struct CompletedFlag {
    std::vector<std::string> names;  ///< "-e", "--env"
    std::string meaning;
    std::optional<Expected> value;  ///< absent: it takes none
};

/// One command and what can be typed after it.
struct CompletedCommand {
    std::string path;                                           ///< "config get"; empty for the program itself
    std::vector<std::pair<std::string, std::string>> commands;  ///< name and meaning
    std::vector<CompletedFlag> flags;
    Expected operand;
};

/// Every command of the tree, the program first.
std::vector<CompletedCommand> completed_commands(const CLI::App& app);

enum class Shell { bash, zsh, fish, powershell };
std::optional<Shell> find_shell(std::string_view name);

/// A script that completes a program called `program`.
std::string completion_script(Shell shell, const std::string& program, const std::vector<CompletedCommand>& commands);

}  // namespace sbx::cli
