#include "core/store/daemon_lock.hpp"

#include "core/whole_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <fstream>
#include <thread>

namespace sbx {
namespace {

constexpr std::chrono::milliseconds patience(100);

/// What the holder wrote into the file, for people.
std::string holder(const std::filesystem::path& path)
{
    std::string text = read_whole_file(path).value_or("");
    text.erase(std::ranges::find_if(text, [](unsigned char c) { return std::isdigit(c) == 0; }), text.end());
    return text.empty() ? std::string() : fmt::format(" (process {})", text.substr(0, 10));
}

/// Whoever looks whether a daemon runs holds it for a moment.
std::optional<FileLock> take(const std::filesystem::path& path)
{
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        std::optional<FileLock> lock = FileLock::try_acquire(path);
        if (lock || std::chrono::steady_clock::now() > end) return lock;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

}  // namespace

Result<DaemonLock> DaemonLock::acquire(const std::filesystem::path& state)
{
    const std::filesystem::path path = state / "daemon.lock";
    std::optional<FileLock> lock = take(path);
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
