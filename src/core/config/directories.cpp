#include "core/config/directories.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace sbx {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> absolute_path(const Environment& environment, std::string_view name)
{
    const std::optional<std::string> value = environment(name);
    if (!value || !fs::path(*value).is_absolute()) return std::nullopt;
    return fs::path(*value);
}

fs::path runtime_directory(const Environment& environment, unsigned uid)
{
    if (const auto given = absolute_path(environment, "XDG_RUNTIME_DIR")) return *given / "sbx";
    return uid == 0 ? fs::path("/run/sbx") : fs::path(fmt::format("/tmp/sbx-{}", uid));
}

}  // namespace

Environment process_environment()
{
    return [](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(std::string(name).c_str());
        if (!value || *value == '\0') return std::nullopt;
        return value;
    };
}

Directories directories(const Environment& environment, unsigned uid)
{
    const std::optional<fs::path> home = absolute_path(environment, "HOME");
    const auto below = [&](std::string_view variable, std::string_view fallback) -> fs::path {
        if (const auto given = absolute_path(environment, variable)) return *given / "sbx";
        return home ? *home / fallback / "sbx" : fs::path();
    };
    return {.config = below("XDG_CONFIG_HOME", ".config"),
            .state = below("XDG_STATE_HOME", ".local/state"),
            .cache = below("XDG_CACHE_HOME", ".cache"),
            .runtime = runtime_directory(environment, uid)};
}

Result<void> make_private_directory(const fs::path& path)
{
    std::error_code ec;
    if (path.has_parent_path()) fs::create_directories(path.parent_path(), ec);
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return Error(Errc::permission_denied, fmt::format("{}: {}", path.string(), std::strerror(errno)),
                     "sbx doctor shows the directories that sbx uses");
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
        return Error(Errc::permission_denied, fmt::format("{}: not a directory", path.string()), "remove it");
    if (status.st_uid != ::geteuid())
        return Error(Errc::permission_denied, fmt::format("{}: belongs to another user", path.string()), "remove it");
    if ((status.st_mode & 077) != 0)
        return Error(Errc::permission_denied, fmt::format("{}: open to other users", path.string()),
                     fmt::format("chmod 700 {}", path.string()));
    return Result<void>();
}

}  // namespace sbx
