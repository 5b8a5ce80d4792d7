#include "cli/growing_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sbx::cli {
namespace {

constexpr std::size_t piece_bytes = std::size_t{64} << 10;

Descriptor opened(const std::filesystem::path& path)
{
    return Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

std::string read_piece(const Descriptor& file)
{
    std::string bytes(piece_bytes, '\0');
    const ssize_t n = ::read(file.get(), bytes.data(), bytes.size());
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
}

bool is_another(const Descriptor& one, const Descriptor& other)
{
    struct stat of_one {};
    struct stat of_other {};
    if (::fstat(one.get(), &of_one) != 0 || ::fstat(other.get(), &of_other) != 0) return false;
    return of_one.st_ino != of_other.st_ino || of_one.st_dev != of_other.st_dev;
}

}  // namespace

std::optional<GrowingFile> GrowingFile::open(std::filesystem::path path)
{
    Descriptor file = opened(path);
    if (!file) return std::nullopt;
    return GrowingFile(std::move(path), std::move(file));
}

std::string GrowingFile::read()
{
    std::string bytes = read_piece(file_);
    if (!bytes.empty()) return bytes;
    Descriptor now = opened(path_);
    if (!now || !is_another(file_, now)) return bytes;
    bytes = read_piece(file_);  // what came before it was put aside
    if (bytes.empty()) file_ = std::move(now);
    return bytes;
}

}  // namespace sbx::cli
