#include "agent/tree.hpp"

#include "agent/work_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace sbx::agent {
namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr std::string_view kernels_own[] = {"/proc", "/sys", "/dev"};
constexpr std::string_view shared_memory = "/dev/shm";

wire::EntryType type_of(mode_t mode)
{
    if (S_ISREG(mode)) return wire::EntryType::file;
    if (S_ISDIR(mode)) return wire::EntryType::directory;
    return S_ISLNK(mode) ? wire::EntryType::symlink : wire::EntryType::other;
}

bool is_at_or_below(std::string_view path, std::string_view directory)
{
    return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

}  // namespace

bool is_below(std::string_view path)
{
    if (path.empty() || path.front() == '/' || path.find('\0') != path.npos) return false;
    while (!path.empty()) {
        const std::string_view component = path.substr(0, path.find('/'));
        if (component == "..") return false;
        path.remove_prefix(std::min(component.size() + 1, path.size()));
    }
    return true;
}

bool is_plain(std::string_view path)
{
    if (path == "/") return true;
    if (!path.starts_with('/') || path.find('\0') != path.npos) return false;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view component = path.substr(0, path.find('/'));
        if (component.empty() || component == "." || component == "..") return false;
        path.remove_prefix(component.size());
    }
    return true;
}

bool is_kernels_own(std::string_view path)
{
    return !is_at_or_below(path, shared_memory) &&
           std::ranges::any_of(kernels_own, [&](std::string_view own) { return is_at_or_below(path, own); });
}

bool may_open(const std::string& path)
{
    errno = path.size() > wire::max_path_bytes ? ENAMETOOLONG : EACCES;
    return path.size() <= wire::max_path_bytes && is_plain(path) && !is_kernels_own(path);
}

Descriptor open_directory(const std::string& path)
{
    if (!may_open(path)) return {};
    const Descriptor root(::open("/", directory_flags));
    // The one link that is followed is the image's own, for which programs have no write permission.
    constexpr std::string_view work = "/work";
    if (!is_at_or_below(path, work)) return walk(root.get(), std::string_view(path).substr(1), false);
    return walk(root.get(), (work_directory() + path.substr(work.size())).substr(1), false);
}

Descriptor walk(int root, std::string_view path, bool make)
{
    Descriptor at(::openat(root, ".", directory_flags));
    while (at && !path.empty()) {
        const std::string component(path.substr(0, path.find('/')));
        path.remove_prefix(std::min(component.size() + 1, path.size()));
        if (component.empty() || component == ".") continue;
        Descriptor next(::openat(at.get(), component.c_str(), directory_flags));
        if (!next && make && errno == ENOENT && mkdirat(at.get(), component.c_str(), 0755) == 0)
            next = Descriptor(::openat(at.get(), component.c_str(), directory_flags));
        at = std::move(next);
    }
    return at;
}

Split split(std::string_view path)
{
    while (path.ends_with('/')) path.remove_suffix(1);
    const std::size_t slash = path.rfind('/');
    if (slash == path.npos) return {{}, std::string(path)};
    return {path.substr(0, slash), std::string(path.substr(slash + 1))};
}

Place open_place(const std::string& path)
{
    if (!may_open(path) || path == "/") return {};
    Split place = split(path);
    return {open_directory(place.parent.empty() ? "/" : std::string(place.parent)), std::move(place.name)};
}

std::int64_t nanoseconds(const timespec& time)
{
    constexpr std::int64_t latest = 9'000'000'000;
    return std::clamp<std::int64_t>(time.tv_sec, -latest, latest) * 1'000'000'000 + time.tv_nsec;
}

wire::Entry entry_of(const std::string& path, const struct stat& status)
{
    return {.path = path,
            .type = type_of(status.st_mode),
            .size_bytes = static_cast<std::uint64_t>(status.st_size),
            .mtime_ns = nanoseconds(status.st_mtim),
            .mode = status.st_mode & 07777};
}

}  // namespace sbx::agent
