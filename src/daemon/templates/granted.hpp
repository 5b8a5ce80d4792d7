#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sbx::daemon {

/// What an order has of the operator's template: it is his word, whoever names it.
struct Granted {
    std::optional<std::string> image;
    bool full_network = false;
    std::map<std::string, std::string> settings;  ///< text by key, in place of the daemon's own
    std::vector<std::string> preload;             ///< modules of a sandbox that waits
    std::string start;                            ///< a line for the shell, run when the sandbox was made
};

}  // namespace sbx::daemon
