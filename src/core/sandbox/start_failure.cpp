#include "core/sandbox/start_failure.hpp"

#include <fmt/format.h>

namespace sbx {

Error start_failure(const Ending& ending, std::string_view image, std::string_view architecture)
{
    if (ending.last_words.find("exec format error") != std::string::npos)
        return Error(Errc::image_unavailable,
                     fmt::format("image {} is for {}, which the engine's machine cannot run", image, architecture),
                     "choose an image of the engine's own architecture with --image; sbx doctor tells it");
    return Error(Errc::internal, fmt::format("the sandbox ended before its agent spoke: {}", ending.last_words),
                 "sbx doctor");
}

}  // namespace sbx
