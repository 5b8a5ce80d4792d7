#include "core/store/daemon_lock.hpp"

#include "core/whole_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <fstream>

namespace sbx {
namespace {

/// What the holder wrote into the file, for people.
std::string holder(const std::filesystem::path& path)
{
    std::string text = read_whole_file(path).value_or("");
    text.erase(std::ranges::find_if(text, [](unsigned char c) { return std::isdigit(c) == 0; }), text.end());
    return text.empty() ? std::string() : fmt::format(" (process {})", text.substr(0, 10));
}

}  // namespace

Result<DaemonLock> DaemonLock::acquire(const std::filesystem::path& state)
{
    const std::filesystem::path path = state / "daemon.lock";
    std::optional<FileLock> lock = FileLock::try_acquire(path);
    if (!lock)
        return Error(Errc::conflict, fmt::format("another daemon{} uses {}", holder(path), state.string()),
                     "stop it, or set XDG_STATE_HOME to a directory of this one's own");
    // A lock on a file that cannot be made locks nothing.
    std::ofstream file(path, std::ios::trunc);
    if (!file.is_open()) return Error(Errc::permission_denied, fmt::format("cannot write {}", path.string()));
    file << ::getpid() << '\n';
    return DaemonLock(std::move(*lock));
}

}  // namespace sbx
