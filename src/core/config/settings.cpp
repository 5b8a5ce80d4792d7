#include "core/config/settings.hpp"

#include "core/config/settings_file.hpp"
#include "core/lang/package_index.hpp"
#include "core/nearest.hpp"
#include "core/net/address_rules.hpp"
#include "sbx/language.hpp"
#include "sbx/quantity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace sbx {
namespace {

/// Stores what a parser gave. `none` is refused unless the member can be absent too.
template <class Value, class Member>
Result<void> store(const Result<Value>& parsed, std::string_view name, Member& member)
{
    if (!parsed) return parsed.error();
    if constexpr (std::is_same_v<Value, Member>) {
        member = *parsed;
    } else {
        if (!*parsed)
            return Error(Errc::invalid_argument, fmt::format("{}: none is not possible here", name), "give it a value");
        member = **parsed;
    }
    return Result<void>();
}

/// A member of Settings or of its Limits.
template <auto member>
auto& of(auto& settings)
{
    if constexpr (requires { settings.limits.*member; })
        return settings.limits.*member;
    else
        return settings.*member;
}

template <auto member>
constexpr Setting duration(std::string_view key, std::string_view flag, std::string_view variable)
{
    return {key,
            flag,
            variable,
            false,
            [](Settings& settings, std::string_view name, std::string_view text) {
                return store(parse_duration(name, text), name, of<member>(settings));
            },
            [](const Settings& settings) { return format_duration(of<member>(settings)); }};
}

template <auto member>
constexpr Setting size(std::string_view key, std::string_view flag, std::string_view variable)
{
    return {key,
            flag,
            variable,
            false,
            [](Settings& settings, std::string_view name, std::string_view text) {
                return store(parse_size(name, text), name, of<member>(settings));
            },
            [](const Settings& settings) { return format_size(of<member>(settings)); }};
}

template <auto member>
constexpr Setting text(std::string_view key, std::string_view flag, std::string_view variable)
{
    return {key,
            flag,
            variable,
            false,
            [](Settings& settings, std::string_view, std::string_view value) {
                of<member>(settings) = value;
                return Result<void>();
            },
            [](const Settings& settings) { return of<member>(settings); }};
}

Result<void> set_cpus(Settings& settings, std::string_view name, std::string_view value)
{
    return store(parse_cpus(name, value), name, settings.limits.millicpus);
}

Result<void> set_pids(Settings& settings, std::string_view name, std::string_view value)
{
    constexpr std::uint32_t kernel_maximum = 4'194'304;
    return store(parse_count(name, value, kernel_maximum), name, settings.limits.pids);
}

constexpr std::array<std::string_view, 3> pull_policies{"missing", "always", "never"};

Result<void> set_pull(Settings& settings, std::string_view name, std::string_view value)
{
    for (std::size_t i = 0; i < pull_policies.size(); ++i) {
        if (pull_policies.at(i) != value) continue;
        settings.pull = static_cast<PullPolicy>(i);
        return Result<void>();
    }
    return Error(Errc::invalid_argument, fmt::format("{}: '{}' is not a pull policy", name, value),
                 "it is missing, always or never");
}

Result<void> set_permit(Settings& settings, std::string_view name, std::string_view value)
{
    std::vector<std::string> ranges = items_of(value);
    for (const std::string& range : ranges)
        if (const auto sound = parse_address_range(name, range); !sound) return sound.error();
    settings.egress_permit = std::move(ranges);
    return Result<void>();
}

Result<void> set_trust(Settings& settings, std::string_view name, std::string_view value)
{
    constexpr std::array yes{"true", "1", "yes", "on"};
    constexpr std::array no{"false", "0", "no", "off", ""};
    settings.trust_host_ca = std::ranges::find(yes, value) != yes.end();
    if (settings.trust_host_ca || std::ranges::find(no, value) != no.end()) return Result<void>();
    return Error(Errc::invalid_argument, fmt::format("{}: '{}' is neither true nor false", name, value));
}

bool is_url(std::string_view text)
{
    return (text.starts_with("https://") || text.starts_with("http://")) &&
           text.find_first_of(" \t\n\"'\\") == std::string_view::npos;
}

Result<void> set_proxy(Settings& settings, std::string_view name, std::string_view value)
{
    settings.library_proxy = value;
    if (value.empty() || is_url(value)) return Result<void>();
    return Error(Errc::invalid_argument, fmt::format("{}: '{}' is not an http or https URL", name, value));
}

constexpr std::array table{
    duration<&Limits::wall_ms>("limits.timeout", "--timeout", "SBX_TIMEOUT"),
    duration<&Limits::grace_ms>("limits.grace", "--grace", "SBX_GRACE"),
    duration<&Limits::cpu_ms>("limits.cpu_time", "--cpu-time", "SBX_CPU_TIME"),
    size<&Limits::memory_bytes>("limits.memory", "--memory", "SBX_MEMORY"),
    size<&Limits::disk_bytes>("limits.disk", "--disk", "SBX_DISK"),
    size<&Limits::output_bytes>("limits.max_output", "--max-output", "SBX_MAX_OUTPUT"),
    Setting{"limits.cpus", "--cpus", "SBX_CPUS", true, set_cpus,
            [](const Settings& settings) { return format_cpus(settings.limits.millicpus); }},
    Setting{"limits.pids", "--pids", "SBX_PIDS", true, set_pids,
            [](const Settings& settings) { return fmt::format("{}", settings.limits.pids); }},
    duration<&Settings::compile_timeout>("limits.compile_timeout", "--compile-timeout", "SBX_COMPILE_TIMEOUT"),
    duration<&Settings::install_timeout>("limits.install_timeout", "--install-timeout", "SBX_INSTALL_TIMEOUT"),
    duration<&Settings::pull_timeout>("limits.pull_timeout", "--pull-timeout", "SBX_PULL_TIMEOUT"),
    Setting{"pull", "--pull", "SBX_PULL", false, set_pull,
            [](const Settings& settings) {
                return std::string(pull_policies.at(static_cast<std::size_t>(settings.pull)));
            }},
    text<&Settings::registry>("registry", "", "SBX_REGISTRY"),
    Setting{"egress.permit", "", "SBX_EGRESS_PERMIT", false, set_permit,
            [](const Settings& settings) { return fmt::format("{}", fmt::join(settings.egress_permit, ", ")); }},
    size<&Settings::library_bytes>("libraries.disk", "", "SBX_LIBRARIES_DISK"),
    size<&Settings::all_library_bytes>("libraries.total", "", "SBX_LIBRARIES_TOTAL"),
    Setting{"libraries.proxy", "", "SBX_LIBRARIES_PROXY", false, set_proxy,
            [](const Settings& settings) { return settings.library_proxy; }},
    Setting{"libraries.trust_host_ca", "", "SBX_TRUST_HOST_CA", true, set_trust,
            [](const Settings& settings) { return std::string(settings.trust_host_ca ? "true" : "false"); }},
    // Docker's own variables; its own files come after everything else.
    text<&Settings::docker_host>("docker.host", "", "DOCKER_HOST"),
    text<&Settings::docker_context>("docker.context", "", "DOCKER_CONTEXT"),
};

constexpr std::string_view image_prefix = "images.";
constexpr std::string_view index_prefix = "index.";

/// What is one key a language.
struct LanguageKey {
    std::string_view prefix;
    std::map<std::string, std::string> Settings::*values;
    /// By any name of a language.
    Result<std::string_view> (*canonical)(std::string_view name);
};

Result<std::string_view> language_name(std::string_view name)
{
    const Result<const Language*> language = find_language(name);
    if (!language) return language.error();
    return (*language)->name;
}

Result<std::string_view> index_name(std::string_view name)
{
    const Result<const Language*> language = find_language(name);
    if (!language) return language.error();
    const Result<const PackageIndex*> index = find_package_index(**language);
    if (!index) return index.error();
    return setting_of(**index);
}

constexpr std::array language_keys{
    LanguageKey{image_prefix, &Settings::images, language_name},
    LanguageKey{index_prefix, &Settings::indexes, index_name},
};

const LanguageKey* find_language_key(std::string_view key)
{
    const auto* found =
        std::ranges::find_if(language_keys, [&](const LanguageKey& each) { return key.starts_with(each.prefix); });
    return found == language_keys.end() ? nullptr : found;
}

const Setting* find_setting(std::string_view key)
{
    for (const Setting& setting : table)
        if (setting.key == key) return &setting;
    return nullptr;
}

Error unknown_key(Errc code, std::string_view name)
{
    std::vector<std::string_view> known;
    known.reserve(table.size());
    for (const Setting& setting : table) known.push_back(setting.key);
    const std::size_t place = name.rfind(": ");  // `config.toml:2: KEY`
    const std::size_t begin = place == std::string_view::npos ? 0 : place + 2;
    const std::string_view key = name.substr(begin);
    return Error(code, fmt::format("{}no such setting: {}", name.substr(0, begin), key),
                 did_you_mean(key, known, "sbx config show"));
}

}  // namespace

std::span<const Setting> setting_table()
{
    return table;
}

std::string canonical_key(std::string_view key)
{
    if (const LanguageKey* each = find_language_key(key))
        if (const Result<std::string_view> name = each->canonical(key.substr(each->prefix.size())))
            return fmt::format("{}{}", each->prefix, *name);
    return std::string(key);
}

Result<void> set(Settings& settings, std::string_view key, std::string_view name, std::string_view text)
{
    if (const Setting* setting = find_setting(key)) return setting->set(settings, name, text);
    const LanguageKey* each = find_language_key(key);
    if (each == nullptr) return unknown_key(Errc::invalid_argument, name);
    const Result<std::string_view> language = each->canonical(key.substr(each->prefix.size()));
    if (!language)
        return Error(Errc::invalid_argument, fmt::format("{}: {}", name, language.error().message),
                     language.error().hint);
    if (each->prefix == index_prefix && !is_url(text))
        return Error(Errc::invalid_argument, fmt::format("{}: '{}' is not an http or https URL", name, text));
    (settings.*each->values)[std::string(*language)] = text;
    return Result<void>();
}

Result<std::string> show(const Settings& settings, std::string_view key)
{
    if (const Setting* setting = find_setting(key)) return setting->show(settings);
    const LanguageKey* each = find_language_key(key);
    if (each == nullptr) return unknown_key(Errc::not_found, key);
    const Result<std::string_view> language = each->canonical(key.substr(each->prefix.size()));
    if (!language) return language.error();
    const auto& values = settings.*each->values;
    const auto value = values.find(std::string(*language));
    return value == values.end() ? std::string() : value->second;
}

std::vector<std::string> keys(const Settings& settings)
{
    std::vector<std::string> all;
    for (const Setting& setting : table) all.emplace_back(setting.key);
    for (const LanguageKey& each : language_keys)
        for (const auto& [language, value] : settings.*each.values)
            all.push_back(fmt::format("{}{}", each.prefix, language));
    return all;
}

Result<void> check(const Limits& limits)
{
    constexpr std::uint64_t least_memory = 6 << 20;  // what container engines accept
    if (limits.memory_bytes < least_memory)
        return Error(Errc::invalid_argument,
                     fmt::format("--memory {} is less than any program can run in", format_size(limits.memory_bytes)),
                     "--memory 6m is the least");
    if (limits.disk_bytes <= limits.memory_bytes / 2) return Result<void>();
    return Error(Errc::invalid_argument,
                 fmt::format("--disk {} is more than half of --memory {}: files count against the memory",
                             format_size(limits.disk_bytes), format_size(limits.memory_bytes)),
                 fmt::format("--memory {}", format_size(limits.disk_bytes * 2)));
}

}  // namespace sbx
