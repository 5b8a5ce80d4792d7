#pragma once

#include "cli/context.hpp"

#include <CLI/CLI.hpp>

#include <map>
#include <string>

namespace sbx::cli {

/// Manual pages made from the tree of commands, by file name: `sbx.1` and `sbx-<command>.1`.
std::map<std::string, std::string> man_pages(const CLI::App& app, const Context& context);

}  // namespace sbx::cli
