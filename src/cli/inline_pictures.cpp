#include "cli/inline_pictures.hpp"

#include "cli/png_image.hpp"
#include "cli/sixel.hpp"
#include "core/wire/base64.hpp"

#include <fmt/format.h>

namespace sbx::cli {
namespace {

constexpr std::size_t kitty_chunk = 4096;
constexpr std::size_t longest_sixel_side = 1000;  // as xterm takes it

/// @source kitty's terminal graphics protocol: f=100 is PNG, a=T transmits and shows, m=1 says that more follows
std::string draw_for_kitty(std::string_view base64)
{
    std::string text;
    std::string_view keys = "f=100,a=T,";
    do {
        const std::string_view chunk = base64.substr(0, kitty_chunk);
        base64.remove_prefix(chunk.size());
        text += fmt::format("\x1b_G{}m={};{}\x1b\\", keys, base64.empty() ? 0 : 1, chunk);
        keys = "";
    } while (!base64.empty());
    return text + "\n";
}

/// @return nothing where the bytes are no picture, or too large a one
std::optional<std::string> draw_for_sixel(std::string_view png)
{
    const std::optional<RgbImage> image = decode_png(png);
    if (!image) return std::nullopt;
    return draw_as_sixel(shrunk(*image, longest_sixel_side)) + "\n";
}

}  // namespace

PictureProtocol picture_protocol(const Environment& environment)
{
    const std::string kind = environment("TERM").value_or("");
    const std::string program = environment("TERM_PROGRAM").value_or("");
    if (environment("TMUX") || kind.starts_with("screen") || kind.starts_with("tmux")) return PictureProtocol::unknown;
    if (kind == "xterm-kitty" || kind == "xterm-ghostty" || environment("KITTY_WINDOW_ID") || program == "ghostty")
        return PictureProtocol::kitty;
    if (program == "iTerm.app" || program == "WezTerm" || environment("LC_TERMINAL") == "iTerm2")
        return PictureProtocol::iterm2;
    return kind.empty() || kind == "dumb" ? PictureProtocol::none : PictureProtocol::unknown;
}

std::optional<std::string> drawing_of(PictureProtocol protocol, std::string_view mime, std::string_view bytes)
{
    const bool is_png = mime == "image/png";
    if (protocol == PictureProtocol::kitty && is_png) return draw_for_kitty(wire::to_base64(bytes));
    if (protocol == PictureProtocol::sixel && is_png) return draw_for_sixel(bytes);
    if (protocol == PictureProtocol::iterm2 && (is_png || mime == "image/jpeg" || mime == "image/gif"))
        return fmt::format("\x1b]1337;File=inline=1;size={}:{}\x07\n", bytes.size(), wire::to_base64(bytes));
    return std::nullopt;
}

}  // namespace sbx::cli
