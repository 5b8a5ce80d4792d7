#include "cli/result_file.hpp"

#include "core/whole_file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sbx::cli {
namespace {

namespace fs = std::filesystem;

/// Whether a rename onto `path` would take the place of something that is no file of the user's.
bool is_written_in_place(const fs::path& path)
{
    std::error_code failed;
    const fs::file_status status = fs::status(path, failed);
    if (!fs::exists(status) || fs::is_directory(status)) return false;
    const std::string folder = fs::weakly_canonical(path.parent_path(), failed).native() + "/";
    return !fs::is_regular_file(status) || folder.starts_with("/dev/") || folder.starts_with("/proc/");
}

Result<void> write_in_place(const fs::path& path, std::string_view bytes)
{
    const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    int error = file < 0 ? errno : 0;
    while (error == 0 && !bytes.empty()) {
        const ssize_t n = ::write(file, bytes.data(), bytes.size());
        if (n >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(n));
        else if (errno != EINTR)
            error = errno;
    }
    if (file >= 0) ::close(file);
    if (error == 0) return {};
    return Error(Errc::conflict, fmt::format("cannot write {}: {}", path.native(), std::strerror(error)));
}

}  // namespace

Result<void> write_result_file(const fs::path& path, std::string_view bytes)
{
    constexpr unsigned mode = 0644;
    if (is_written_in_place(path)) return write_in_place(path, bytes);
    std::error_code failed;
    const fs::path real = fs::weakly_canonical(path, failed);
    return write_whole_file(failed ? path : real, bytes, mode);
}

}  // namespace sbx::cli
