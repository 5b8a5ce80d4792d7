#include "cli/sandbox_path.hpp"

#include "cli/run_files.hpp"
#include "core/sandbox/sandbox_record.hpp"

#include <fmt/format.h>

namespace sbx::cli {

std::optional<SandboxPath> parse_sandbox_path(std::string_view word)
{
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos || !is_sandbox_name(word.substr(0, colon))) return std::nullopt;
    SandboxPath place;
    place.sandbox = word.substr(0, colon);
    const std::string path(word.substr(colon + 1));
    place.path = place_inside(path);
    place.is_folder = path.empty() || path.ends_with('/');
    return place;
}

Result<SandboxPath> need_sandbox_path(std::string_view word)
{
    if (auto place = parse_sandbox_path(word)) return std::move(*place);
    return Error(Errc::invalid_argument, fmt::format("'{}' is not SANDBOX:PATH", word),
                 is_sandbox_name(word) ? fmt::format("did you mean {}:/work?", word) : "build:/work, for example");
}

std::pair<std::string, std::string> parent_and_name(const std::string& path)
{
    const std::size_t slash = path.rfind('/');
    return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace sbx::cli
