#pragma once

#include "cli/find_image.hpp"
#include "cli/library_flags.hpp"
#include "cli/open_engine.hpp"
#include "core/lang/image_choice.hpp"
#include "core/sandbox/standby.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sbx::cli {

/// The flags of a command that starts sandboxes ahead, as typed.
struct StandbyFlags {
    std::string template_word;  ///< --template
    LibraryFlags libraries;
    std::filesystem::path dockerfile;  ///< of the template
    std::vector<std::string> preload;  ///< likewise
    std::string language;              ///< empty: Python
    std::optional<std::string> image;
    std::string network;                          ///< of the template alone
    std::map<std::string, std::string> settings;  ///< flags that are settings, text by key
    std::string count = "1";
    std::string life = "1h";
};

void add_standby_flags(CLI::App& command, StandbyFlags& flags);

/// What is to be started ahead, and with what a run must agree.
struct StandbyOrder {
    const Language* language = nullptr;
    std::vector<std::string> preload;  ///< modules to import ahead
    ImageWish image;
    LibraryRequest libraries;
    InstallPolicy install;
    RunRequest request;
    std::chrono::milliseconds life{0};
    std::uint32_t count = 1;
};

/// @error invalid_argument, not_found  a flag is wrong
/// @param environment  of this process
Result<StandbyOrder> read_standby_order(const StandbyFlags& flags, const Settings& settings,
                                        const Environment& environment);

/// Puts the image and the libraries that a run would get at this moment into the order's request.
/// @error what choose_image and get_libraries give
asio::awaitable<Result<StandbyOrder>> with_image(const OpenEngine& open, StandbyOrder order, ProgressSink progress);

/// What a sandbox of this order is known by. Its image has been chosen.
/// @error image_unavailable  it is for another processor
Result<std::string> key_of(const OpenEngine& open, const StandbyOrder& order);

/// Starts as many as are ordered. Each is remembered as soon as it runs, so that what was interrupted loses none.
/// @param cache  the user's cache directory
asio::awaitable<Result<std::vector<Standby>>> start_standbys(const OpenEngine& open, StandbyOrder order,
                                                             const StandbyStore& store, std::filesystem::path cache);

/// Both.
asio::awaitable<Result<std::vector<Standby>>> choose_and_start(const OpenEngine& open, StandbyOrder order,
                                                               ProgressSink progress, const StandbyStore& store,
                                                               std::filesystem::path cache);

}  // namespace sbx::cli
