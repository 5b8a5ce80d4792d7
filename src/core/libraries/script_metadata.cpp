#include "core/libraries/library_request.hpp"
#include "core/libraries/toml_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace sbx {
namespace {

constexpr std::string_view opening = "# /// script";
constexpr std::string_view closing = "# ///";
constexpr std::string_view name = "the script's metadata";

std::string_view line_at(std::string_view text, std::size_t begin)
{
    std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

/// @return the TOML of the block that begins behind `begin`, or nothing when it never ends
std::optional<std::string> block_at(std::string_view code, std::size_t begin)
{
    std::string content;
    std::optional<std::string> whole;
    while (begin < code.size()) {
        const std::string_view line = line_at(code, begin);
        if (line != "#" && !line.starts_with("# ")) break;
        if (line == closing) whole = content;  // the last one counts: a block may hold such a line
        content += line.substr(std::min<std::size_t>(line.size(), 2));
        content += '\n';
        begin = std::min(code.find('\n', begin), code.size() - 1) + 1;
    }
    return whole;
}

}  // namespace

Result<ScriptMetadata> script_metadata(std::string_view code)
{
    std::optional<std::string> block;
    for (std::size_t at = code.find(opening); at != std::string_view::npos; at = code.find(opening, at + 1)) {
        const bool is_line = (at == 0 || code[at - 1] == '\n') && line_at(code, at) == opening;
        const std::size_t next = code.find('\n', at);
        if (!is_line || next == std::string_view::npos) continue;
        std::optional<std::string> found = block_at(code, next + 1);
        if (found && block)
            return Error(Errc::invalid_argument, "the script has two blocks of metadata", "leave one '# /// script'");
        if (found) block = std::move(found);
    }
    ScriptMetadata metadata;
    if (!block) return metadata;
    auto dependencies = toml_strings(*block, "dependencies", name);
    if (!dependencies) return dependencies.error();
    auto python = toml_string(*block, "requires-python", name);
    if (!python) return python.error();
    metadata.dependencies = std::move(*dependencies);
    metadata.requires_python = std::move(*python);
    return metadata;
}

}  // namespace sbx
