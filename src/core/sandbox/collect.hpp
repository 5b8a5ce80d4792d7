#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/input_archive.hpp"
#include "core/sandbox/output_directory.hpp"
#include "core/sandbox/run.hpp"
#include "sbx/execution.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sbx {

/// The files that the program made or changed.
std::vector<ChangedFile> changed_files(const std::vector<wire::Entry>& found, const Manifest& sent);

/// What was put in and is no longer there. @param found  sorted by path
std::vector<std::string> removed_files(const std::vector<wire::Entry>& found, const Manifest& sent);

/// Whether an output pattern means this file: the glob matches its path, or names a directory above it.
bool matches(const std::string& pattern, const std::string& path);

/// Streams files of the sandbox into a directory of this host.
/// @param from   a directory inside
/// @param paths  relative to it
/// @error not_found, permission_denied  inside
/// @error unavailable, deadline_exceeded  the sandbox ended, or its agent fell silent
/// @error what unpack_below gives
asio::awaitable<Result<Unpacked>> fetch_files(AgentLink& link, std::string from, std::vector<std::string> paths,
                                              std::filesystem::path directory, std::uint64_t limit_bytes);

/// After the program: fills in `Execution::files`, and copies out what the request asks for.
/// @param sent  what was put into the work directory
/// @error unavailable, deadline_exceeded  the sandbox ended, or its agent fell silent
/// @error what unpack_below gives
asio::awaitable<Result<void>> collect_files(AgentLink& link, const RunRequest& request, Manifest sent,
                                            RunResult& result);

/// Takes a directory out as an archive.
/// @error too_large    it has more bytes than was allowed
/// @error unavailable  the archive cannot be written here
asio::awaitable<Result<void>> pack_directory(AgentLink& link, PackedDirectory packed);

}  // namespace sbx
