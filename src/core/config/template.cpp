#include "core/config/template.hpp"

#include "core/config/dockerfile.hpp"
#include "core/config/settings.hpp"
#include "core/config/settings_file.hpp"
#include "core/environment_list.hpp"
#include "core/nearest.hpp"
#include "core/net/egress_list.hpp"
#include "sbx/own_image.hpp"

#include <fmt/format.h>
#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/split.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace sbx {
namespace {

namespace fs = std::filesystem;

struct Field {
    std::string_view key;
    std::string Template::*member;
};

constexpr std::array fields{
    Field{"language", &Template::language},
    Field{"image", &Template::image},
    Field{"workdir", &Template::directory},
    Field{"start", &Template::start},
};

constexpr std::string_view variable_prefix = "environment.";
constexpr std::string_view label_prefix = "labels.";

/// Of the settings, those of a sandbox; where its engine is, say, is none of a template's business.
bool is_of_templates(const Setting& setting)
{
    return setting.key == "pull" || setting.key.starts_with("limits.");
}

bool is_setting(std::string_view key)
{
    return std::ranges::any_of(setting_table(),
                               [&](const Setting& setting) { return setting.key == key && is_of_templates(setting); });
}

Error unknown_key(const FileValue& value, std::string_view place)
{
    std::vector<std::string_view> known{"network", "allow", "libraries", "preload", "environment", "labels"};
    for (const Field& field : fields) known.push_back(field.key);
    for (const Setting& setting : setting_table())
        if (is_of_templates(setting)) known.push_back(setting.key);
    return {Errc::invalid_argument, fmt::format("{}: no such key of a template", place),
            did_you_mean(value.key, known, fmt::format("keys: {}", fmt::join(known, ", ")))};
}

Result<void> take_network(Template& into, const std::string& text, const std::string& place)
{
    if (text != "none" && text != "allow" && text != "full")
        return Error(Errc::invalid_argument, fmt::format("{}: '{}' is not a network", place, text),
                     "it is none, allow or full");
    into.network = text;
    return {};
}

Result<void> take_allow(Template& into, const std::string& text, const std::string& place)
{
    into.allow = items_of(text);
    for (const std::string& item : into.allow)
        if (const auto rules = parse_egress_rule(place, item); !rules)
            return Error(Errc::invalid_argument, rules.error().message, rules.error().hint);
    return {};
}

bool is_module(std::string_view name)
{
    return !name.empty() &&
           std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '.'; });
}

Result<void> take_preload(Template& into, const std::string& text, const std::string& place)
{
    into.preload = items_of(text);
    for (const std::string& item : into.preload)
        if (!is_module(item))
            return Error(Errc::invalid_argument, fmt::format("{}: '{}' is not the name of a module", place, item));
    return {};
}

Result<void> take(Template& into, const FileValue& value, std::string_view file)
{
    const std::string place = fmt::format("{}:{}: {}", file, value.line, value.key);
    const auto* field = std::ranges::find(fields, value.key, &Field::key);
    if (field != fields.end()) {
        if (value.text.empty()) return Error(Errc::invalid_argument, fmt::format("{}: it is empty", place));
        into.*field->member = value.text;
    } else if (value.key == "network") {
        return take_network(into, value.text, place);
    } else if (value.key == "allow") {
        return take_allow(into, value.text, place);
    } else if (value.key == "libraries") {
        boost::algorithm::split(into.libraries, value.text, boost::algorithm::is_any_of("\n"));
    } else if (value.key == "preload") {
        return take_preload(into, value.text, place);
    } else if (value.key.starts_with(variable_prefix)) {
        if (value.key.find('=') != std::string::npos || value.text.find('\0') != std::string::npos)
            return Error(Errc::invalid_argument, fmt::format("{}: no such variable is possible", place));
        into.variables.emplace_back(value.key.substr(variable_prefix.size()), value.text);
    } else if (value.key.starts_with(label_prefix)) {
        into.labels[value.key.substr(label_prefix.size())] = value.text;
    } else if (is_setting(value.key)) {
        Settings scratch;  // its parser knows what is wrong, and here is known where
        if (Result<void> sound = set(scratch, value.key, place, value.text); !sound) return sound;
        into.settings[value.key] = value.text;
    } else {
        return unknown_key(value, place);
    }
    return Result<void>();
}

bool is_path(const std::string& word)
{
    return word.find('/') != std::string::npos || word.ends_with(".toml") || is_dockerfile(word);
}

/// What is a template though there is no file of it.
Result<Template> built_in_template(const std::string& word, const std::vector<fs::path>& folders)
{
    Template built_in;
    if (const OwnImage* image = find_richer_image(word)) {
        built_in.language = image->language;
        built_in.image = image->name;
        return built_in;
    }
    std::vector<std::string_view> known;
    for (const OwnImage& image : richer_images()) known.push_back(image.name);
    const std::string file = (folders.front() / (word + ".toml")).string();
    return Error(Errc::invalid_argument, fmt::format("--template: there is no template '{}'", word),
                 did_you_mean(word, known, fmt::format("write {}", file)));
}

/// @return nothing when no folder has it
fs::path find_file(const std::string& word, const std::vector<fs::path>& folders)
{
    if (is_path(word)) return word;
    std::error_code ec;
    for (const fs::path& folder : folders)
        if (fs::path file = folder / (word + ".toml"); fs::exists(file, ec)) return file;
    return {};
}

}  // namespace

Result<Template> parse_template(std::string_view toml, std::string_view name)
{
    const Result<std::vector<FileValue>> values = parse_settings(toml, name);
    if (!values) return Error(values.error().code, values.error().message, fmt::format("edit {}", name));
    Template parsed;
    for (const FileValue& value : *values)
        if (const Result<void> taken = take(parsed, value, name); !taken) return taken.error();
    if (!parsed.allow.empty() && !parsed.network.empty() && parsed.network != "allow")
        return Error(Errc::invalid_argument,
                     fmt::format("{}: allow does not go with network = '{}'", name, parsed.network),
                     "leave network out");
    return parsed;
}

Template completed(Template said, const Template& from)
{
    if (said.image.empty()) said.dockerfile = from.dockerfile;
    if (said.network.empty() && said.allow.empty()) {
        said.network = from.network;
        said.allow = from.allow;
    }
    for (const Field& field : fields)
        if ((said.*field.member).empty()) said.*field.member = from.*field.member;
    said.libraries.insert(said.libraries.begin(), from.libraries.begin(), from.libraries.end());
    said.preload.insert(said.preload.begin(), from.preload.begin(), from.preload.end());
    said.settings.insert(from.settings.begin(), from.settings.end());
    said.variables = merged(from.variables, std::move(said.variables));
    said.labels.insert(from.labels.begin(), from.labels.end());
    return said;
}

std::vector<fs::path> template_folders(const fs::path& user_config)
{
    std::vector<fs::path> folders;
    if (!user_config.empty()) folders.push_back(user_config / "templates");
    folders.emplace_back("/etc/sbx/templates");
    return folders;
}

std::vector<std::string> template_names(const std::vector<fs::path>& folders)
{
    std::set<std::string> names;
    for (const fs::path& folder : folders) {
        std::error_code ec;
        for (fs::directory_iterator at(folder, ec), end; !ec && at != end; at.increment(ec))
            if (at->path().extension() == ".toml") names.insert(at->path().stem().string());
    }
    return {names.begin(), names.end()};
}

Result<Template> read_template(const std::string& word, const std::vector<fs::path>& folders)
{
    const fs::path file = find_file(word, folders);
    if (file.empty()) return built_in_template(word, folders);
    const Result<std::string> text = read_settings_file(file);
    // A file that was named is an argument, and a wrong one is no missing script (exit codes of `run`).
    if (!text) return Error(Errc::invalid_argument, "--template: " + text.error().message, "--template FILE.toml");
    if (is_dockerfile(file)) {
        if (const auto sound = check_dockerfile(*text, file.string()); !sound) return sound.error();
        Template built;
        built.dockerfile = file;
        return built;
    }
    return parse_template(*text, file.string());
}

bool is_template_name(std::string_view word)
{
    constexpr std::size_t longest = 64;
    const auto is_plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-'; };
    return !word.empty() && word.size() <= longest && std::ranges::all_of(word, is_plain) &&
           !is_path(std::string(word));
}

std::vector<std::string> all_template_names(const std::vector<fs::path>& folders)
{
    std::vector<std::string> names = template_names(folders);
    std::erase_if(names, [](const std::string& name) { return !is_template_name(name); });
    for (const OwnImage& image : richer_images()) names.emplace_back(image.name);
    std::ranges::sort(names);
    const auto repeated = std::ranges::unique(names);
    names.erase(repeated.begin(), repeated.end());
    return names;
}

Result<Template> find_template(const std::string& name, const std::vector<fs::path>& folders)
{
    const std::vector<std::string> known = all_template_names(folders);
    if (std::ranges::find(known, name) != known.end()) return read_template(name, folders);
    const std::vector<std::string_view> candidates(known.begin(), known.end());
    return Error(Errc::not_found, "there is no such template", did_you_mean(name, candidates, "GET /v1/templates"));
}

}  // namespace sbx
