#pragma once

#include "core/config/directories.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sbx::cli {

/// How a terminal takes pictures.
enum class PictureProtocol { none, kitty, iterm2 };

/// As the terminal itself says in the environment; a multiplexer in between passes no pictures on.
PictureProtocol picture_protocol(const Environment& environment);

/// What draws the picture.
/// @param bytes  of the picture, whatever they are: they reach the terminal as base64 only
/// @return nothing where it cannot be drawn
std::optional<std::string> drawing_of(PictureProtocol protocol, std::string_view mime, std::string_view bytes);

}  // namespace sbx::cli
