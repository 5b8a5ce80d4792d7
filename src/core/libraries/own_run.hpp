#pragma once

#include "core/config/directories.hpp"
#include "core/sandbox/run.hpp"
#include "sbx/engine.hpp"

#include <chrono>
#include <string>

namespace sbx {

/// The engine and the image that libraries are for.
struct LibraryPlace {
    Engine& engine;
    std::string endpoint;  ///< of the engine, as a user would write it
    ImageInfo image;
    std::string image_name;
};

/// A run of sbx's own in an image, with nothing of the user's in it: of an installer say.
/// @param longest  that it may take
RunRequest own_run(const LibraryPlace& place, std::chrono::milliseconds longest);

/// Runs it: it is asked nothing, and what it writes is kept for its last words and as far as the request says.
/// @error what Run::execute gives
asio::awaitable<Result<RunResult>> execute_own(const LibraryPlace& place, RunRequest request, const Directories& own);

}  // namespace sbx
