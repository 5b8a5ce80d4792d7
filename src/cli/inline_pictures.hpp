#pragma once

#include "core/config/directories.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sbx::cli {

/// How a terminal takes pictures.
enum class PictureProtocol {
    none,
    kitty,
    iterm2,
    sixel,
    unknown  ///< the terminal itself can tell: draws_sixel
};

/// As the terminal says in the environment; a multiplexer in between passes on no pictures but its own.
PictureProtocol picture_protocol(const Environment& environment);

/// What draws the picture.
/// @param bytes  of the picture, whatever they are: they reach the terminal as base64 or as pixels only
/// @return nothing where it cannot be drawn
std::optional<std::string> drawing_of(PictureProtocol protocol, std::string_view mime, std::string_view bytes);

}  // namespace sbx::cli
