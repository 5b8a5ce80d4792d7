#pragma once

#include "sbx/egress.hpp"
#include "sbx/engine.hpp"
#include "sbx/execution.hpp"
#include "sbx/limits.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sbx {

struct TerminalSize {
    std::uint16_t columns = 80;
    std::uint16_t rows = 24;

    bool operator==(const TerminalSize&) const = default;
};

/// A file or a directory that is put into the sandbox before its program starts.
struct InputFile {
    std::string target;                                        ///< absolute, below /work or /tmp
    std::variant<std::filesystem::path, std::string> content;  ///< a path on this host, or the bytes themselves
    bool whole_directory = false;  ///< take what is left out by default: .git, node_modules, .venv, __pycache__
};

/// Files that are taken out of the sandbox after its program ended.
struct OutputFiles {
    std::string pattern;              ///< a glob below the work directory; a directory means all below it
    std::filesystem::path directory;  ///< made when missing; paths below it are those below the work directory
};

/// A directory of a sandbox that is taken out whole, as an archive, when its program succeeded.
struct PackedDirectory {
    std::string directory;
    std::filesystem::path tar;  ///< on this host
    std::uint64_t most_bytes = 0;
};

/// One-off code: everything needed to run it in a sandbox of its own.
struct RunRequest {
    std::string execution_id;
    ImageInfo image;
    std::string image_name;  ///< as the user knows it
    Limits limits;
    Network network = Network::none;
    std::vector<EgressRule> allow;    ///< with Network::none: where its programs may connect to all the same
    std::vector<std::string> permit;  ///< address ranges that the operator opens (docs/network.md)
    Isolation isolation = Isolation::standard;
    std::map<std::string, std::string> labels;
    std::vector<Mount> libraries;     ///< beside the agent's volume
    std::uint64_t library_bytes = 0;  ///< of an install (engine.hpp)
    std::vector<InputFile> files;
    std::vector<std::string> compile;  ///< argv of the compile phase; empty where there is none
    std::chrono::milliseconds compile_timeout = std::chrono::minutes(2);
    bool wall_spans_phases = false;  ///< what compiling took is taken off the program's time
    bool keep_product = false;  ///< what is compiled is handed out (ProgramIo::on_product) before the program starts
    std::shared_ptr<const std::string> product;  ///< what an earlier run handed out; nothing is to be compiled then
    std::vector<std::string> command;
    std::vector<std::string> preload;  ///< what a standby sandbox for this language has started ahead; may be empty
    bool fits_preload = false;         ///< and whether that may become the command
    bool standby = true;               ///< a sandbox that was started ahead may be used
    std::vector<std::pair<std::string, std::string>> environment;
    std::string directory = "/work";  ///< where the program starts
    std::optional<TerminalSize> terminal;
    std::vector<OutputFiles> outputs;
    std::optional<PackedDirectory> packed;
    std::optional<std::filesystem::path> artifacts;       ///< every new and changed file goes here
    std::function<bool(const ChangedFile&)> is_artifact;  ///< which of them; empty: all
    bool list_files = false;                              ///< fill `Execution::files`
    std::size_t kept_output_bytes = 0;                    ///< of each stream, for the record
    std::size_t report_bytes = 0;  ///< what is kept of what the program writes on descriptor 3; 0: it has none
};

}  // namespace sbx
