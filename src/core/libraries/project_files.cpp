#include "core/lang/requirement.hpp"
#include "core/lang/words.hpp"
#include "core/libraries/library_request.hpp"
#include "core/libraries/toml_file.hpp"
#include "core/whole_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace sbx {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uintmax_t most_bytes = 16U << 20;

/// @return nothing when there is no such file
Result<std::optional<std::string>> read(const fs::path& path)
{
    std::error_code ec;
    const std::uintmax_t size = fs::file_size(path, ec);
    if (ec == std::errc::no_such_file_or_directory) return std::optional<std::string>();
    std::optional<std::string> bytes;
    if (!ec && size <= most_bytes) bytes = read_whole_file(path);
    if (!bytes) return Error(Errc::invalid_argument, fmt::format("cannot read {}", path.native()));
    return bytes;
}

/// Its lists of libraries alone: its scripts are the project's own code.
/// @return empty where it lists none
Result<std::string> npm_dependencies(const std::string& text, const std::string& name)
{
    const json whole = json::parse(text, nullptr, false);
    if (!whole.is_object()) return Error(Errc::invalid_argument, fmt::format("{} is not a JSON object", name));
    json reduced = json::object();
    for (const char* key : {"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"}) {
        const json list = whole.value(key, json::object());
        if (!list.is_object()) return Error(Errc::invalid_argument, fmt::format("{}: {} is not an object", name, key));
        for (const auto& [library, range] : list.items()) {
            const std::string wanted = range.is_string() ? range.get<std::string>() : "?:";
            if (!is_npm_requirement(library + "@" + (wanted.empty() ? "*" : wanted)))
                return Error(Errc::invalid_argument,
                             fmt::format("{}: {} is not from npm, but '{}'", name, library, wanted));
        }
        if (!list.empty()) reduced[key] = list;
    }
    if (reduced.empty()) return std::string();
    if (whole.contains("overrides")) reduced["overrides"] = whole["overrides"];
    reduced["private"] = true;
    return reduced.dump(2);
}

Result<std::string> as_it_is(const std::string& text, const std::string& /*name*/)
{
    return text;
}

struct Reduction {
    std::string_view file;
    Result<std::string> (*reduce)(const std::string& text, const std::string& name);
};

const std::array reductions{
    Reduction{"package.json", npm_dependencies},
    Reduction{"Cargo.toml",
              [](const std::string& text, const std::string& name) { return cargo_dependencies(text, name); }},
};

Result<std::string> reduced(std::string_view file, const std::string& text, const fs::path& path)
{
    const auto* found = std::ranges::find(reductions, file, &Reduction::file);
    return (found == reductions.end() ? as_it_is : found->reduce)(text, path.native());
}

}  // namespace

Result<std::vector<ProjectFile>> project_files(const PackageIndex& index, const fs::path& directory)
{
    std::vector<ProjectFile> files;
    for (const std::string_view name : words(index.project_files)) {
        const fs::path path = directory / name;
        const Result<std::optional<std::string>> text = read(path);
        if (!text) return text.error();
        Result<std::string> needed = text->has_value() ? reduced(name, **text, path) : std::string();
        if (!needed) return needed.error();
        if (needed->empty() && files.empty()) return files;  // the deciding one
        if (!needed->empty()) files.push_back({.name = std::string(name), .bytes = std::move(*needed)});
    }
    return files;
}

}  // namespace sbx
