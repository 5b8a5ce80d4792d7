#pragma once

#include "cli/context.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::cli {

// Flags that mean the same wherever they appear.
void add_json_flag(CLI::App& command, Context& context);
void add_config_flag(CLI::App& command, Context& context);
void add_yes_flags(CLI::App& command, Context& context);
void add_quiet_flag(CLI::App& command, bool& quiet, std::string_view what);

/// `--filter key=value`, repeatable; every one must hold. Values compare by their text.
class Filter {
   public:
    /// @param keys  what can be asked for
    void add_flag(CLI::App& command, std::vector<std::string_view> keys);

    /// @error invalid_argument  a filter without `=` or with an unknown key
    Result<void> check() const;
    bool matches(std::string_view key, std::string_view value) const;

   private:
    std::vector<std::string> texts_;
    std::vector<std::string_view> keys_;
};

}  // namespace sbx::cli
