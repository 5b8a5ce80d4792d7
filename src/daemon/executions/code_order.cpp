#include "daemon/executions/code_order.hpp"

#include "core/lang/requirement.hpp"
#include "core/net/egress_list.hpp"
#include "core/sandbox/sandbox_record.hpp"
#include "core/sandbox/sweep.hpp"
#include "daemon/executions/image_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace sbx::daemon {
namespace {

constexpr std::size_t longest_path = 4096;
constexpr std::size_t longest_component = 255;
constexpr std::size_t most_variables = 128;
constexpr std::size_t most_variable_bytes = std::size_t{64} << 10;
constexpr std::size_t most_labels = 32;

bool is_control(unsigned char c)
{
    return c < 0x20 || c == 0x7F;
}

bool is_variable_name(std::string_view name)
{
    const auto is_word = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::ranges::all_of(name, is_word);
}

Result<const Language*> language_of(const CodeOrder& order)
{
    if (!order.language.empty()) return find_language(order.language);
    if (order.code || order.entry.empty()) return find_language("python");
    const auto entry = order.files.find(order.entry);
    return detect_language(order.entry, entry == order.files.end() ? "" : entry->second.bytes);
}

/// What starts: code of its own, or one of the files.
Result<std::string> place_code(CodeOrder& order, const Language& language, RunRequest& request)
{
    if (order.code) {
        std::string name(language.file_name);
        request.files.push_back(InputFile{.target = "/work/" + name, .content = std::move(*order.code)});
        return name;
    }
    if (order.entry.empty())
        return Error(Errc::invalid_argument, "there is no code: give code, or files and their entry",
                     R"j({"code": "print(1)"})j");
    if (!order.files.contains(order.entry))
        return Error(Errc::invalid_argument, fmt::format("entry: {} is not one of the files", order.entry));
    return order.entry;
}

Result<void> place_files(CodeOrder& order, RunRequest& request)
{
    for (auto& [name, content] : order.files) {
        auto place = checked_place(name);
        if (!place) return Error(place.error().code, "files: " + place.error().message, place.error().hint);
        InputFile file;
        file.target = std::move(*place);
        file.content = std::move(content.bytes);
        request.files.push_back(std::move(file));
    }
    return {};
}

Result<LibraryRequest> libraries_of(const CodeOrder& order, const Language& language)
{
    LibraryRequest request;
    if (order.libraries.empty()) return request;
    const Result<const PackageIndex*> index = find_package_index(language);
    if (!index) return index.error();
    request.index = *index;
    auto sound = sound_requirements(**index, order.libraries, "libraries");
    if (!sound) return sound.error();
    request.requirements = std::move(*sound);
    return request;
}

}  // namespace

Result<std::string> checked_directory(const std::string& path)
{
    if (path.empty() || path.size() > longest_path || std::ranges::any_of(path, is_control))
        return Error(Errc::invalid_argument, "a path is empty, too long, or has control characters in it");
    std::string place = (std::filesystem::path("/work") / path).lexically_normal().native();
    while (place.size() > 1 && place.ends_with('/')) place.pop_back();
    for (const auto& part : std::filesystem::path(place))
        if (part.native().size() > longest_component)
            return Error(Errc::invalid_argument, "a name in a path is longer than 255 bytes");
    return place;
}

Result<std::string> checked_place(const std::string& path)
{
    Result<std::string> checked = checked_directory(path);
    if (!checked) return checked;
    const std::string& place = *checked;
    if (place.starts_with("/work/") || place.starts_with("/tmp/")) return place;
    return Error(Errc::invalid_argument, fmt::format("{} is neither below /work nor below /tmp", path), "data/x.csv");
}

Result<std::vector<std::pair<std::string, std::string>>> checked_environment(
    const std::map<std::string, std::string>& wanted)
{
    std::vector<std::pair<std::string, std::string>> variables;
    std::size_t bytes = 0;
    for (const auto& [name, value] : wanted) {
        if (!is_variable_name(name))
            return Error(Errc::invalid_argument, fmt::format("environment: '{}' is no name of a variable", name));
        if (value.find('\0') != std::string::npos)
            return Error(Errc::invalid_argument, fmt::format("environment: the value of {} holds a NUL", name));
        bytes += name.size() + value.size() + 2;
        variables.emplace_back(name, value);
    }
    if (variables.size() > most_variables || bytes > most_variable_bytes)
        return Error(Errc::invalid_argument, "environment: more than 128 variables, or more than 64 KiB of them");
    return variables;
}

Result<std::vector<EgressRule>> checked_rules(const std::vector<std::string>& allow)
{
    EgressList list;
    for (const std::string& text : allow) {
        const Result<std::vector<EgressRule>> rules = parse_egress_rule("allow", text);
        if (!rules) return rules.error();
        if (const auto added = list.add(*rules); !added) return added.error();
    }
    return list.rules();
}

Result<std::map<std::string, std::string>> checked_labels(const std::map<std::string, std::string>& wanted)
{
    std::map<std::string, std::string> labels;
    if (wanted.size() > most_labels) return Error(Errc::invalid_argument, "labels: there are more than 32");
    for (const auto& [key, value] : wanted) {
        if (!is_sandbox_name(key) || (!value.empty() && !is_sandbox_name(value)))
            return Error(Errc::invalid_argument,
                         fmt::format("labels: '{}' and its value are not of letters, digits, '.', '_' and '-'", key));
        labels[user_label_prefix + key] = value;
    }
    return labels;
}

Result<void> check_image_name(const std::optional<std::string>& image, const Settings& settings, const Caller& caller)
{
    if (!image || caller.is_operator || may_name_image(settings, *image)) return {};
    return Error(Errc::permission_denied, fmt::format("image: {} is none that may be named here", *image),
                 "GET /v1/images");
}

Result<Settings> granted_settings(Settings own, const Granted& granted)
{
    for (const auto& [key, text] : granted.settings)
        if (const auto done = set(own, key, "template: " + key, text); !done) return done.error();
    return own;
}

LimitsWish wish_after(const Granted& granted, const Settings& settings, LimitsWish wish)
{
    if (!wish.disk_bytes && granted.settings.contains("limits.disk")) wish.disk_bytes = settings.limits.disk_bytes;
    return wish;
}

Result<PreparedCode> prepare(CodeOrder order, const Settings& settings, const Caller& caller)
{
    PreparedCode prepared;
    const auto language = language_of(order);
    if (!language) return Error(Errc::invalid_argument, language.error().message, language.error().hint);
    prepared.language = *language;
    prepared.image = order.image ? order.image : order.granted.image;
    prepared.preload = std::move(order.granted.preload);
    RunRequest& request = prepared.request;
    const auto granted = granted_settings(settings, order.granted);
    if (!granted) return granted.error();
    const auto limits = merge(granted->limits, wish_after(order.granted, *granted, order.limits), ceiling_of(caller));
    if (!limits) return limits.error();
    if (const auto allowed = check_image_name(order.image, settings, caller); !allowed) return allowed.error();
    request.limits = *limits;
    request.compile_timeout = granted->compile_timeout;
    if (order.granted.full_network) request.network = Network::full;
    auto directory = checked_directory(order.directory.empty() ? "/work" : order.directory);
    if (!directory) return directory.error();
    request.directory = std::move(*directory);
    auto allow = checked_rules(order.allow);
    if (!allow) return allow.error();
    request.allow = std::move(*allow);
    request.permit = settings.egress_permit;
    auto environment = checked_environment(order.environment);
    if (!environment) return environment.error();
    request.environment = std::move(*environment);
    auto labels = checked_labels(order.labels);
    if (!labels) return labels.error();
    request.labels = std::move(*labels);
    auto libraries = libraries_of(order, **language);
    if (!libraries) return libraries.error();
    prepared.libraries = std::move(*libraries);
    if (const auto placed = place_files(order, request); !placed) return placed.error();
    const auto name = place_code(order, **language, request);
    if (!name) return name.error();
    // What starts elsewhere needs the whole path of a name that is below /work.
    const auto file = request.directory == "/work" ? name : checked_place(*name);
    if (!file) return file.error();
    request.compile = compile_command(**language, *name);
    request.command = run_file_command(**language, *file, order.arguments);
    request.list_files = order.list_files;
    prepared.input = std::move(order.input);
    return prepared;
}

}  // namespace sbx::daemon
