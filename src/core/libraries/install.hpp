#pragma once

#include "core/config/directories.hpp"
#include "core/libraries/library_request.hpp"
#include "core/libraries/library_store.hpp"
#include "sbx/engine.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sbx {

/// How libraries are installed: what the operator's settings say, and the flags of one run.
struct InstallPolicy {
    std::map<std::string, std::string> urls;            ///< of indexes, by language; the usual ones are not in it
    std::string proxy;                                  ///< that this host reaches the index through; empty: none
    std::optional<std::filesystem::path> certificates;  ///< to trust beside the image's own
    std::vector<std::string> permit;                    ///< address ranges that the operator opens
    std::uint64_t most_bytes = 0;                       ///< of a set
    std::chrono::milliseconds timeout{0};
    bool offline = false;  ///< take what is installed, or fail
    bool upgrade = false;  ///< resolve anew, whatever is installed
};

/// Where an image's libraries are to come from.
std::string index_url(const PackageIndex& index, const InstallPolicy& policy);

/// The engine and the image that libraries are for.
struct LibraryPlace {
    Engine& engine;
    std::string endpoint;  ///< of the engine, as a user would write it
    ImageInfo image;
    std::string image_name;
};

/// Removes volumes of ours that no set knows: their install was killed, or another set took their place.
asio::awaitable<void> remove_leftovers(Engine& engine, LibraryStore store);

/// Installs libraries in a sandbox of their own, which reaches their index and nothing else and knows nothing of the
/// user's code, and makes a volume of them. The caller holds the set's lock.
/// @return the set; it is not in the store yet
/// @error invalid_argument   the index does not have them: with the installer's own last words
/// @error unavailable        the index cannot be reached, likewise
/// @error deadline_exceeded  it took too long
asio::awaitable<Result<LibrarySet>> install_libraries(LibraryPlace place, LibraryRequest request, InstallPolicy policy,
                                                      LibraryStore store, Directories own);

}  // namespace sbx
