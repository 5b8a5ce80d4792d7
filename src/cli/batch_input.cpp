#include "cli/batch_input.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sbx::cli {
namespace {

constexpr std::size_t longest_line = std::size_t{256} << 20;
constexpr std::size_t read_bytes = std::size_t{256} << 10;

}  // namespace

BatchInput::BatchInput() : lines_(longest_line), buffer_(read_bytes, '\0') {}

Result<void> BatchInput::open(const std::string& path)
{
    if (path == "-") return {};
    const auto failed = [&] {
        return Error(errno == ENOENT ? Errc::not_found : Errc::permission_denied,
                     fmt::format("cannot read {}: {}", path, std::strerror(errno)), "ls -l " + path);
    };
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return failed();
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return failed();
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return failed();
    }
    if (S_ISREG(status.st_mode))
        file_ = std::move(file);
    else if (::dup2(file.get(), STDIN_FILENO) < 0)
        return failed();
    return {};
}

bool BatchInput::is_same_file(const std::string& path) const
{
    struct stat ours {};
    struct stat other {};
    return file_ && ::fstat(file_.get(), &ours) == 0 && ::stat(path.c_str(), &other) == 0 &&
           ours.st_dev == other.st_dev && ours.st_ino == other.st_ino;
}

std::optional<batch::Line> BatchInput::cut()
{
    for (;;) {
        std::optional<batch::Line> line = lines_.next();
        if (!line && ended_) line = lines_.rest();
        const bool is_blank = line && !line->is_too_long && line->text.find_first_not_of(" \t") == std::string::npos;
        if (!is_blank) return line;
    }
}

Result<std::optional<batch::Line>> BatchInput::next()
{
    for (;;) {
        std::optional<batch::Line> line = cut();
        if (line || ended_) return line;
        const ssize_t n = ::read(file_.get(), buffer_.data(), buffer_.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return Error(Errc::unavailable, fmt::format("cannot read the jobs: {}", std::strerror(errno)));
        ended_ = n == 0;
        lines_.add({buffer_.data(), static_cast<std::size_t>(n)});
    }
}

boost::asio::awaitable<Result<std::optional<batch::Line>>> BatchInput::next(ProgramIo& standard)
{
    if (is_file()) co_return next();
    for (;;) {
        std::optional<batch::Line> line = cut();
        if (line || ended_) co_return line;
        const Result<std::size_t> got = co_await standard.read(buffer_);
        if (!got) co_return got.error();
        ended_ = *got == 0;
        lines_.add({buffer_.data(), *got});
    }
}

void BatchInput::rewind()
{
    ::lseek(file_.get(), 0, SEEK_SET);
    lines_ = batch::LineCutter(longest_line);
    ended_ = false;
}

}  // namespace sbx::cli
