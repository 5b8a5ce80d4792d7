#pragma once

#include "cli/context.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace sbx::cli {

/// What `sbx serve` can be told.
struct ServeOptions {
    std::vector<std::string> listens;
    bool compat = false;
    std::vector<std::string> host_names;
    std::vector<std::string> domains;
    std::vector<std::string> origins;
    std::vector<std::string> readers;  ///< origins too
    std::vector<std::string> warm;
    std::string tls_certificate;
    std::string tls_key;
    bool remove_on_stop = false;
    bool quiet = false;
};

void add_serve_flags(CLI::App& command, ServeOptions& options, Context& context);

}  // namespace sbx::cli
