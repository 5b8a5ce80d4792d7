#include "core/config/configuration.hpp"

#include "core/config/settings_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace sbx {
namespace {

namespace fs = std::filesystem;

class Loader {
   public:
    Result<void> read_file(const fs::path& path, bool must_exist)
    {
        if (path.empty()) return Result<void>();
        const Result<std::string> text = read_settings_file(path);
        // A file that was named is an argument, and a wrong one is no missing script (exit codes of `run`).
        if (!text && must_exist)
            return Error(Errc::invalid_argument, "--config: " + text.error().message, text.error().hint);
        if (!text) return text.error().code == Errc::not_found ? Result<void>() : text.error();
        const Result<std::vector<FileValue>> values = parse_settings(*text, path.string());
        if (!values) return values.error();
        for (const FileValue& value : *values) {
            const std::string name = fmt::format("{}:{}: {}", path.string(), value.line, value.key);
            Result<void> stored = store(value.key, name, value.text, path.string());
            if (!stored) return stored;
        }
        return Result<void>();
    }

    Result<void> read_environment(const Environment& environment)
    {
        for (const Setting& setting : setting_table()) {
            const std::optional<std::string> text = environment(setting.variable);
            if (!text) continue;
            Result<void> stored = store(setting.key, setting.variable, *text, std::string(setting.variable));
            if (!stored) return stored;
        }
        // A context that the environment names beats a host that only a file names.
        if (result.origin("docker.context") == "DOCKER_CONTEXT" && result.origin("docker.host") != "DOCKER_HOST")
            result.settings.docker_host.clear();
        return Result<void>();
    }

    Result<void> read_flags(const std::map<std::string, std::string>& flags)
    {
        for (const auto& [key, text] : flags) {
            const auto setting = std::ranges::find(setting_table(), key, &Setting::key);
            const std::string name(setting == setting_table().end() ? key : setting->flag);
            Result<void> stored = store(key, name, text, name);
            if (!stored) return stored;
        }
        return Result<void>();
    }

    Configuration result;

   private:
    Result<void> store(std::string_view key, std::string_view name, std::string_view text, const std::string& origin)
    {
        Result<void> stored = set(result.settings, key, name, text);
        if (stored) result.origins[canonical_key(key)] = origin;
        return stored;
    }
};

}  // namespace

SettingSources setting_sources(fs::path named_file)
{
    SettingSources sources;
    sources.environment = process_environment();
    if (named_file.empty()) named_file = sources.environment("SBX_CONFIG").value_or("");
    sources.named_file = std::move(named_file);
    const fs::path config = directories(sources.environment, ::geteuid()).config;
    if (!config.empty()) sources.user_file = config / "config.toml";
    sources.system_file = "/etc/sbx/config.toml";
    return sources;
}

std::string Configuration::origin(const std::string& key) const
{
    const auto found = origins.find(key);
    return found == origins.end() ? "default" : found->second;
}

Result<Configuration> load_configuration(const SettingSources& sources)
{
    Loader loader;
    Result<void> read = loader.read_file(sources.system_file, false);
    if (read) read = loader.read_file(sources.user_file, false);
    if (read) read = loader.read_file(sources.named_file, true);
    if (read) read = loader.read_environment(sources.environment);
    if (read) read = loader.read_flags(sources.flags);
    if (!read) return read.error();

    Limits& limits = loader.result.settings.limits;
    if (!loader.result.origins.contains("limits.disk"))
        limits.disk_bytes = std::min(limits.disk_bytes, limits.memory_bytes / 2);
    return std::move(loader.result);
}

}  // namespace sbx
