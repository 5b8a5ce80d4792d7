#include "daemon/interpreter/stored_content.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sbx::daemon {
namespace {

namespace fs = std::filesystem;

constexpr mode_t writable_mode = 0644;
constexpr mode_t read_only_mode = 0444;
constexpr std::size_t piece_bytes = std::size_t{256} << 10;

Error failed(int number)
{
    if (number == ENOENT) return {Errc::not_found, "the file is not there any more"};
    if (number == ENOSPC || number == EDQUOT)
        return {Errc::unavailable, "the disk of stored files is full", "its operator has to free some of it"};
    return {Errc::unavailable, "the disk of stored files fails"};
}

}  // namespace

ContentWriter::ContentWriter(int file, fs::path place) : file_(file), place_(std::move(place)) {}

ContentWriter::ContentWriter(ContentWriter&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      place_(std::move(other.place_)),
      bytes_(other.bytes_),
      digester_(std::move(other.digester_))
{
}

ContentWriter::~ContentWriter()
{
    if (file_ < 0) return;
    ::close(file_);
    ::unlink(unfinished().c_str());
}

fs::path ContentWriter::unfinished() const
{
    return place_.native() + ".part";
}

Result<ContentWriter> ContentWriter::create(const fs::path& place)
{
    const fs::path part = place.native() + ".part";
    const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) return failed(errno);
    return ContentWriter(file, place);
}

Result<void> ContentWriter::write(std::string_view bytes)
{
    digester_->add(bytes);
    bytes_ += bytes.size();
    while (!bytes.empty()) {
        const ssize_t n = ::write(file_, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed(errno);
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

Result<ContentFacts> ContentWriter::finish()
{
    if (::fchmod(file_, writable_mode) != 0) return failed(errno);
    if (::rename(unfinished().c_str(), place_.c_str()) != 0) return failed(errno);
    const int closed = ::close(std::exchange(file_, -1));
    if (closed != 0) return failed(errno);
    return ContentFacts{bytes_, to_hex(digester_->finish())};
}

Result<void> make_read_only(const fs::path& place)
{
    if (::chmod(place.c_str(), read_only_mode) != 0) return failed(errno);
    return {};
}

Result<std::string> digest_of_file(const fs::path& path)
{
    const Result<ContentReader> reader = ContentReader::open(path);
    if (!reader) return reader.error();
    Digester digester;
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return failed(errno);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    for (std::uint64_t offset = 0; offset < size; offset += piece_bytes) {
        const auto piece = reader->read(offset, std::min<std::uint64_t>(piece_bytes, size - offset));
        if (!piece) return piece.error();
        digester.add(*piece);
    }
    return to_hex(digester.finish());
}

Result<ContentFacts> adopt_content(const fs::path& from, const fs::path& place)
{
    struct stat status {};
    if (::lstat(from.c_str(), &status) != 0) return failed(errno);
    if (!S_ISREG(status.st_mode)) return failed(ENOENT);
    if (::chmod(from.c_str(), writable_mode) != 0) return failed(errno);
    Result<std::string> digest = digest_of_file(from);
    if (!digest) return digest.error();
    if (::rename(from.c_str(), place.c_str()) != 0) return failed(errno);
    return ContentFacts{static_cast<std::uint64_t>(status.st_size), std::move(*digest)};
}

Result<ContentReader> ContentReader::open(const fs::path& place)
{
    const int file = ::open(place.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) return failed(errno);
    return ContentReader(file);
}

ContentReader::~ContentReader()
{
    if (file_ >= 0) ::close(file_);
}

Result<std::string> ContentReader::read(std::uint64_t offset, std::size_t length) const
{
    std::string bytes(length, '\0');
    std::size_t have = 0;
    while (have < length) {
        const ssize_t n = ::pread(file_, bytes.data() + have, length - have, static_cast<off_t>(offset + have));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed(errno);
        if (n == 0) return Error(Errc::unavailable, "the stored file is shorter than it was");
        have += static_cast<std::size_t>(n);
    }
    return bytes;
}

std::optional<PictureSize> png_size(std::string_view beginning)
{
    constexpr std::string_view signature("\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR", 16);
    if (beginning.size() < signature.size() + 8 || !beginning.starts_with(signature)) return std::nullopt;
    const auto number = [&](std::size_t at) {
        std::uint32_t value = 0;
        for (const char c : beginning.substr(at, 4)) value = value << 8U | static_cast<unsigned char>(c);
        return value;
    };
    return PictureSize{number(16), number(20)};
}

}  // namespace sbx::daemon
