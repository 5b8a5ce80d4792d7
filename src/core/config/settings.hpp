#pragma once

#include "sbx/engine.hpp"
#include "sbx/limits.hpp"
#include "sbx/result.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sbx {

/// What a user can set once instead of typing it with every command.
struct Settings {
    Limits limits;
    std::chrono::milliseconds compile_timeout = std::chrono::minutes(2);
    std::chrono::milliseconds pull_timeout = std::chrono::minutes(10);
    PullPolicy pull = PullPolicy::missing;
    std::string registry;                       ///< prefix of our images, such as `registry.example.org/sbx`
    std::map<std::string, std::string> images;  ///< language to image, for those that are not the default's
    std::map<std::string, std::string>
        indexes;  ///< of packages: language to URL, for those that are not the usual ones
    std::chrono::milliseconds install_timeout = std::chrono::minutes(10);
    std::uint64_t library_bytes = 1ULL << 30;                      ///< of one set of libraries
    std::optional<std::uint64_t> all_library_bytes = 16ULL << 30;  ///< of all sets on an engine
    std::string library_proxy;               ///< URL that installs reach their index through; empty: none
    bool trust_host_ca = false;              ///< installs trust the certificates that this host trusts
    std::string docker_host;                 ///< as in DOCKER_HOST
    std::string docker_context;              ///< as in DOCKER_CONTEXT
    std::vector<std::string> egress_permit;  ///< ranges of addresses that sandboxes reach though they are special

    bool operator==(const Settings&) const = default;
};

/// One setting: every way to write it and how its text becomes a value.
struct Setting {
    std::string_view key;       ///< "limits.memory", as in the file
    std::string_view flag;      ///< "--memory"; empty where no command takes one
    std::string_view variable;  ///< "SBX_MEMORY"
    bool is_number;             ///< written without quotes in the file
    Result<void> (*set)(Settings& settings, std::string_view name, std::string_view text);
    std::string (*show)(const Settings& settings);
};

/// All but those that are one key a language: `images.python`, `index.python`.
std::span<const Setting> setting_table();

/// `images.py` is `images.python`.
std::string canonical_key(std::string_view key);

/// @param name  what an error blames: `--memory`, `SBX_MEMORY`, `config.toml: limits.memory`
/// @error invalid_argument  no such key (with the nearest as hint) or not such a value
Result<void> set(Settings& settings, std::string_view key, std::string_view name, std::string_view text);

/// @error not_found  no such key
Result<std::string> show(const Settings& settings, std::string_view key);

/// Every key that has a value, in the order they are shown.
std::vector<std::string> keys(const Settings& settings);

/// Rules between limits.
/// @error invalid_argument  the work directory would take more than half of the memory
Result<void> check(const Limits& limits);

}  // namespace sbx
