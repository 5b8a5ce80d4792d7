#include "agent/tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace sbx::agent {
namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr std::string_view kernels_own[] = {"/proc", "/sys", "/dev"};
constexpr std::string_view shared_memory = "/dev/shm";

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

Descriptor open_directory(const std::string& path)
{
    errno = EACCES;
    const bool is_plain = path.starts_with('/') && is_below(path.substr(1) + ".") && path.find("//") == path.npos &&
                          path.find("/./") == path.npos;
    if (!is_plain) return {};
    if (!is_at_or_below(path, shared_memory))
        for (const std::string_view forbidden : kernels_own)
            if (is_at_or_below(path, forbidden)) return {};
    const Descriptor root(::open("/", directory_flags));
    return walk(root.get(), std::string_view(path).substr(1), false);
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

}  // namespace sbx::agent
