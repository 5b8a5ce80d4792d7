#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/input_archive.hpp"
#include "core/sandbox/output_directory.hpp"
#include "sbx/execution.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sbx {

/// What is below the sandbox's work directory, regular files only, sorted by path.
/// @error unavailable  the sandbox ended, or its agent fell silent
asio::awaitable<Result<std::vector<wire::Entry>>> list_files(AgentLink& link);

/// The files that the program made or changed.
std::vector<ChangedFile> changed_files(const std::vector<wire::Entry>& found, const Manifest& sent);

/// Whether an output pattern means this file: the glob matches its path, or names a directory above it.
bool matches(const std::string& pattern, const std::string& path);

/// Streams files of the sandbox's work directory into a directory of this host.
asio::awaitable<Result<Unpacked>> fetch_files(AgentLink& link, std::vector<std::string> paths,
                                              std::filesystem::path directory, std::uint64_t limit_bytes);

}  // namespace sbx
