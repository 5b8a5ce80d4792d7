#include "core/libraries/toml_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <sstream>

namespace sbx {
namespace {

Result<toml::table> parse(std::string_view text, std::string_view name)
try {
    return toml::parse(text, std::string(name));
} catch (const toml::parse_error& error) {
    return Error(Errc::invalid_argument,
                 fmt::format("{}, line {}: {}", name, error.source().begin.line, error.description()));
}

}  // namespace

Result<std::vector<std::string>> toml_strings(std::string_view toml, std::string_view key, std::string_view name)
{
    const Result<toml::table> table = parse(toml, name);
    if (!table) return table.error();
    std::vector<std::string> texts;
    const toml::node* node = table->get(key);
    if (node == nullptr) return texts;
    const toml::array* list = node->as_array();
    if (list == nullptr || !(list->empty() || list->is_homogeneous<std::string>()))
        return Error(Errc::invalid_argument, fmt::format("{}: {} is not a list of texts", name, key));
    for (const toml::node& item : *list) texts.push_back(**item.as_string());
    return texts;
}

Result<std::string> toml_string(std::string_view toml, std::string_view key, std::string_view name)
{
    const Result<toml::table> table = parse(toml, name);
    if (!table) return table.error();
    const toml::node* node = table->get(key);
    if (node == nullptr) return std::string();
    if (!node->is_string()) return Error(Errc::invalid_argument, fmt::format("{}: {} is not a text", name, key));
    return **node->as_string();
}

Result<std::string> cargo_dependencies(std::string_view toml, std::string_view name)
{
    Result<toml::table> table = parse(toml, name);
    if (!table) return table.error();
    const toml::table* dependencies = table->get_as<toml::table>("dependencies");
    if (dependencies == nullptr || dependencies->empty()) return std::string();
    for (const auto& [library, wanted] : *dependencies) {
        const toml::table* details = wanted.as_table();
        for (const char* elsewhere : {"path", "git", "registry", "workspace"})
            if (details != nullptr && details->contains(elsewhere))
                return Error(Errc::invalid_argument, fmt::format("{}: {} is not from the registry, but has '{}'", name,
                                                                 library.str(), elsewhere));
    }
    const toml::table reduced{
        {"package", toml::table{{"name", "libraries"}, {"version", "0.0.0"}, {"edition", "2021"}}},
        {"dependencies", *dependencies},
    };
    std::ostringstream text;
    text << reduced << '\n';
    return text.str();
}

}  // namespace sbx
