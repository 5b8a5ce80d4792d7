#pragma once

#include <CLI/CLI.hpp>

#include <map>
#include <string>

namespace sbx::cli {

enum class LimitFlags {
    all,
    of_sandbox,  ///< those that are fixed when the sandbox is made
    of_program,  ///< those of one program in it
    of_code,     ///< those of one execution in a kernel of it
};

/// The flags that are settings of limits. What was typed is put into `settings` by its key.
void add_limit_flags(CLI::App& command, std::map<std::string, std::string>& settings, LimitFlags which);

}  // namespace sbx::cli
