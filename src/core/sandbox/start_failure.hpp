#pragma once

#include "sbx/engine.hpp"
#include "sbx/error.hpp"

#include <string_view>

namespace sbx {

/// Why a sandbox could not begin whose agent never spoke, from what the engine says of its end.
/// @param image         as its user knows it
/// @param architecture  the image's
/// @return image_unavailable where it is the image's fault, else internal
Error start_failure(const Ending& ending, std::string_view image, std::string_view architecture);

}  // namespace sbx
