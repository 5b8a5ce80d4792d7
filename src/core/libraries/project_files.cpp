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

Result<json> parse_object(const std::string& text, const std::string& name)
{
    json whole = json::parse(text, nullptr, false);
    if (!whole.is_object()) return Error(Errc::invalid_argument, fmt::format("{} is not a JSON object", name));
    return whole;
}

/// How a project file in JSON lists its libraries.
struct LibraryLists {
    std::string_view index;  ///< for people
    std::string_view names;  ///< of the lists
    std::string_view rules;  ///< names of what says how versions are chosen
    char mark;               ///< between a library and its version, in a requirement
    bool (*is_requirement)(std::string_view text);
};

constexpr LibraryLists npm_lists{"npm", "dependencies devDependencies optionalDependencies peerDependencies",
                                 "overrides", '@', is_npm_requirement};
constexpr LibraryLists composer_lists{"Packagist", "require require-dev", "minimum-stability prefer-stable", ':',
                                      is_composer_requirement};

/// Its lists of libraries alone: its scripts are the project's own code.
/// @return empty where it lists none
Result<json> only_libraries(const json& whole, const std::string& name, const LibraryLists& lists)
{
    json reduced = json::object();
    for (const std::string_view key : words(lists.names)) {
        const json list = whole.value(key, json::object());
        if (list.empty()) continue;
        if (!list.is_object()) return Error(Errc::invalid_argument, fmt::format("{}: {} is not an object", name, key));
        for (const auto& [library, range] : list.items()) {
            const std::string wanted = range.is_string() ? range.get<std::string>() : "?:";
            if (!lists.is_requirement(library + lists.mark + (wanted.empty() ? "*" : wanted)))
                return Error(Errc::invalid_argument,
                             fmt::format("{}: {} is not from {}, but '{}'", name, library, lists.index, wanted));
        }
        reduced[std::string(key)] = list;
    }
    for (const std::string_view key : words(lists.rules))
        if (!reduced.empty() && whole.contains(key)) reduced[std::string(key)] = whole[std::string(key)];
    return reduced;
}

Result<std::string> npm_dependencies(const std::string& text, const std::string& name)
{
    const Result<json> whole = parse_object(text, name);
    if (!whole) return whole.error();
    Result<json> reduced = only_libraries(*whole, name, npm_lists);
    if (!reduced) return reduced.error();
    if (reduced->empty()) return std::string();
    (*reduced)["private"] = true;
    return reduced->dump(2);
}

/// PHP and its extensions, which no package is.
void remove_platform(json& whole)
{
    for (const std::string_view key : words(composer_lists.names)) {
        const auto list = whole.find(key);
        if (list == whole.end() || !list->is_object()) continue;
        for (auto item = list->begin(); item != list->end();)
            item = item.key().find('/') == std::string::npos ? list->erase(item) : std::next(item);
    }
}

/// Where the project's own classes are: what loads the libraries' loads them too.
json own_classes(const json& whole)
{
    const json::json_pointer place("/autoload/psr-4");
    json folders = json::object();
    if (!whole.contains(place) || !whole[place].is_object()) return folders;
    for (const auto& [prefix, listed] : whole[place].items())
        for (const json& folder : listed)  // a lone text is a list of one
            if (folder.is_string()) folders[prefix].push_back("/work/" + folder.get<std::string>());
    return folders;
}

Result<std::string> composer_requirements(const std::string& text, const std::string& name)
{
    Result<json> whole = parse_object(text, name);
    if (!whole) return whole.error();
    remove_platform(*whole);
    Result<json> reduced = only_libraries(*whole, name, composer_lists);
    if (!reduced) return reduced.error();
    if (reduced->empty()) return std::string();
    if (json classes = own_classes(*whole); !classes.empty()) (*reduced)["autoload"]["psr-4"] = std::move(classes);
    return reduced->dump(2);
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
    Reduction{"composer.json", composer_requirements},
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
