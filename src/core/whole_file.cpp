#include "core/whole_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace sbx {
namespace {

Error write_error(const std::filesystem::path& path, int error)
{
    const std::string message = fmt::format("cannot write {}: {}", path.native(), std::strerror(error));
    if (error == ENOSPC || error == EDQUOT) return Error(Errc::unavailable, message, "df -h");
    if (error == EACCES || error == EPERM || error == EROFS) return Error(Errc::permission_denied, message);
    return Error(Errc::conflict, message);
}

int write_all(int file, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t n = ::write(file, bytes.data(), bytes.size());
        if (n < 0 && errno != EINTR) return errno;
        if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return 0;
}

}  // namespace

std::optional<std::string> read_whole_file(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    std::error_code ec;
    if (!file || std::filesystem::is_directory(path, ec)) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<void> write_whole_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode)
{
    std::error_code failed;
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failed);
    if (failed) return write_error(path, failed.value());
    std::string aside = path.native() + ".XXXXXX";
    const int file = ::mkstemp(aside.data());
    if (file < 0) return write_error(path, errno);
    int error = write_all(file, bytes);
    if (error == 0 && (::fchmod(file, mode) != 0 || ::fsync(file) != 0)) error = errno;
    ::close(file);
    if (error == 0 && ::rename(aside.c_str(), path.c_str()) != 0) error = errno;
    if (error == 0) return {};
    ::unlink(aside.c_str());
    return write_error(path, error);
}

}  // namespace sbx
