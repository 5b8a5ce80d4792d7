#include "core/sandbox/input_archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace sbx {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = std::size_t{256} << 10;

bool is_left_out(const fs::path& name)
{
    static constexpr std::array<std::string_view, 4> left_out{".git", "node_modules", ".venv", "__pycache__"};
    return std::find(left_out.begin(), left_out.end(), name.native()) != left_out.end();
}

std::int64_t nanoseconds(const timespec& time)
{
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

Error source_error(const fs::path& source, int error)
{
    if (error == ENOENT || error == ENOTDIR)
        return Error(Errc::not_found, fmt::format("no such file: {}", source.native()));
    if (error == EACCES || error == EPERM)
        return Error(Errc::permission_denied, fmt::format("cannot read {}: permission denied", source.native()),
                     fmt::format("ls -l {}", source.native()));
    return Error(Errc::invalid_argument, fmt::format("cannot read {}: {}", source.native(), std::strerror(error)));
}

/// The part of `target` below `root`, or nothing.
std::optional<std::string> below(const std::string& target, const std::string& root)
{
    if (target == root) return "";
    if (!target.starts_with(root + "/")) return std::nullopt;
    return target.substr(root.size() + 1);
}

/// The flags with which so many bytes fit, and a quarter more.
std::string room_hint(std::uint64_t bytes, std::uint64_t limit_bytes, const Limits& limits)
{
    const std::uint64_t disk_mib = (bytes * 5 / 4 * (limits.disk_bytes / limit_bytes) >> 20) + 1;
    std::string hint = fmt::format("--disk {}m", disk_mib);
    if (disk_mib * 2 > limits.memory_bytes >> 20) hint += fmt::format(" --memory {}m", disk_mib * 2);
    return hint;
}

std::string joined(const std::string& directory, const std::string& name)
{
    return directory.empty() ? name : directory + "/" + name;
}

}  // namespace

/// The state of the tar writer and of the file that is being copied.
struct InputArchive::Writer {
    Writer() : tar(archive_write_new())
    {
        archive_write_set_format_pax(tar);  // times to the nanosecond: they tell what was changed
        archive_write_add_filter_none(tar);
        archive_write_set_bytes_per_block(tar, 0);
        archive_write_set_bytes_in_last_block(tar, 1);
        archive_write_open2(tar, this, nullptr, &Writer::append, nullptr, nullptr);
    }
    ~Writer()
    {
        if (file >= 0) ::close(file);
        out = nullptr;  // an unfinished archive writes its end now, and nobody wants it
        archive_write_free(tar);
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    static la_ssize_t append(archive* /*tar*/, void* self, const void* bytes, std::size_t size)
    {
        std::string* const to = static_cast<Writer*>(self)->out;
        if (to != nullptr) to->append(static_cast<const char*>(bytes), size);
        return static_cast<la_ssize_t>(size);
    }

    archive* tar;
    std::string* out = nullptr;
    int file = -1;
    const std::string* bytes = nullptr;
    std::uint64_t left = 0;
    std::uint64_t at = 0;
    bool closed = false;
    std::string buffer;
};

InputArchive::InputArchive() : writer_(std::make_shared<Writer>()) {}

Result<InputArchive> InputArchive::open(const std::vector<InputFile>& files, const std::string& root,
                                        const Limits& limits)
{
    // Half of the work directory's size is /tmp's (SECURITY-TARGETS §2).
    const std::uint64_t limit_bytes = limits.disk_bytes / (root == "/tmp" ? 2 : 1);
    InputArchive archive;
    for (const InputFile& file : files) {
        const auto name = below(file.target, root);
        if (!name) continue;
        if (const auto added = archive.add(file, *name); !added) return added.error();
    }
    if (archive.total_bytes_ > limit_bytes)
        return Error(Errc::too_large,
                     fmt::format("the files for {} are {} MiB, more than the {} MiB it can hold", root,
                                 (archive.total_bytes_ + (1 << 20) - 1) >> 20, limit_bytes >> 20),
                     room_hint(archive.total_bytes_, limit_bytes, limits));
    if (const auto sound = archive.check_names(root); !sound) return sound.error();
    return archive;
}

/// Nothing can be below a file.
Result<void> InputArchive::check_names(const std::string& root) const
{
    for (const Entry& entry : entries_) {
        for (std::size_t end = entry.name.find('/'); end != std::string::npos; end = entry.name.find('/', end + 1)) {
            const std::string above = entry.name.substr(0, end);
            if (manifest_.contains(above))
                return Error(
                    Errc::invalid_argument,
                    fmt::format("--file: {0}/{1} is a file, so nothing can be put at {0}/{2}", root, above, entry.name),
                    "give them different places with --file SRC:DST");
        }
    }
    return {};
}

void InputArchive::add_directory(const std::string& name)
{
    entries_.push_back(Entry{.name = name, .mode = S_IFDIR | 0755U});
}

Result<void> InputArchive::add(const InputFile& file, const std::string& name)
{
    if (const auto* bytes = std::get_if<std::string>(&file.content)) {
        timespec now{};
        clock_gettime(CLOCK_REALTIME, &now);
        Entry entry{.name = name,
                    .bytes = bytes,
                    .size_bytes = bytes->size(),
                    .mtime_ns = nanoseconds(now),
                    .mode = S_IFREG | 0644U};
        total_bytes_ += entry.size_bytes;
        manifest_[name] = SentFile{entry.size_bytes, entry.mtime_ns};
        entries_.push_back(std::move(entry));
        return {};
    }
    const auto& source = std::get<fs::path>(file.content);
    struct stat status {};
    if (::stat(source.c_str(), &status) != 0) return source_error(source, errno);
    if (S_ISDIR(status.st_mode)) return add_tree(source, name, file.whole_directory);
    if (S_ISREG(status.st_mode)) return add_entry(source, name, true);
    return Error(Errc::invalid_argument, fmt::format("{} is neither a file nor a directory", source.native()));
}

Result<void> InputArchive::add_tree(const fs::path& source, const std::string& name, bool whole)
{
    if (!name.empty())
        if (const auto added = add_entry(source, name, true); !added) return added.error();
    std::error_code failed;
    for (fs::directory_iterator at(source, failed), end; !failed && at != end; at.increment(failed)) {
        const fs::path leaf = at->path().filename();
        if (!whole && is_left_out(leaf)) continue;
        std::error_code ignored;
        const auto type = at->symlink_status(ignored).type();
        const std::string inner = joined(name, leaf.native());
        Result<void> added;
        if (type == fs::file_type::directory)
            added = add_tree(at->path(), inner, whole);
        else if (type == fs::file_type::regular || type == fs::file_type::symlink)
            added = add_entry(at->path(), inner, false);
        if (!added) return added;
    }
    if (failed) return source_error(source, failed.value());
    return {};
}

Result<void> InputArchive::add_entry(const fs::path& source, const std::string& name, bool follow)
{
    struct stat status {};
    if ((follow ? ::stat(source.c_str(), &status) : ::lstat(source.c_str(), &status)) != 0)
        return source_error(source, errno);
    Entry entry{.name = name, .source = source, .mtime_ns = nanoseconds(status.st_mtim), .mode = status.st_mode};
    if (S_ISREG(status.st_mode)) {
        if (::access(source.c_str(), R_OK) != 0) return source_error(source, errno);
        entry.size_bytes = static_cast<std::uint64_t>(status.st_size);
        total_bytes_ += entry.size_bytes;
        manifest_[name] = SentFile{entry.size_bytes, entry.mtime_ns};
    }
    entries_.push_back(std::move(entry));
    return {};
}

Result<bool> InputArchive::read(std::string& out)
{
    Writer& writer = *writer_;
    if (writer.closed) return false;
    writer.out = &out;
    const std::size_t full = out.size() + piece_bytes;
    while (out.size() < full && !writer.closed) {
        Result<void> done;
        if (writer.left > 0) {
            done = copy_some();
        } else if (entries_.empty()) {
            archive_write_close(writer.tar);
            writer.closed = true;
        } else {
            const Entry entry = std::move(entries_.front());
            entries_.pop_front();
            done = begin(entry);
        }
        if (!done) return done.error();
    }
    return true;
}

Result<void> InputArchive::begin(const Entry& entry)
{
    Writer& writer = *writer_;
    const auto header =
        std::unique_ptr<archive_entry, decltype(&archive_entry_free)>(archive_entry_new(), &archive_entry_free);
    archive_entry_copy_pathname(header.get(), entry.name.c_str());
    archive_entry_set_mode(header.get(), static_cast<mode_t>(entry.mode));
    archive_entry_set_size(header.get(), static_cast<la_int64_t>(entry.size_bytes));
    archive_entry_set_mtime(header.get(), entry.mtime_ns / 1'000'000'000,
                            static_cast<long>(entry.mtime_ns % 1'000'000'000));
    if (S_ISLNK(entry.mode)) {
        std::error_code failed;
        const fs::path target = fs::read_symlink(entry.source, failed);
        if (failed) return source_error(entry.source, failed.value());
        archive_entry_copy_symlink(header.get(), target.c_str());
    }
    if (S_ISREG(entry.mode) && entry.bytes == nullptr) {
        if (writer.file >= 0) ::close(writer.file);
        writer.file = ::open(entry.source.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (writer.file < 0) return source_error(entry.source, errno);
    }
    if (archive_write_header(writer.tar, header.get()) < ARCHIVE_WARN)
        return Error(Errc::invalid_argument,
                     fmt::format("cannot pack {}: {}", entry.name, archive_error_string(writer.tar)));
    writer.bytes = entry.bytes;
    writer.left = entry.size_bytes;
    writer.at = 0;
    return {};
}

Result<void> InputArchive::copy_some()
{
    Writer& writer = *writer_;
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(writer.left, piece_bytes));
    const char* from = nullptr;
    if (writer.bytes != nullptr) {
        from = writer.bytes->data() + writer.at;
    } else {
        writer.buffer.resize(piece_bytes);
        const ssize_t got = ::read(writer.file, writer.buffer.data(), size);
        if (got < 0) return Error(Errc::invalid_argument, fmt::format("cannot read a file: {}", std::strerror(errno)));
        // A file that became shorter meanwhile ends in zeros, as with any tar.
        std::fill(writer.buffer.begin() + got, writer.buffer.begin() + static_cast<std::ptrdiff_t>(size), '\0');
        from = writer.buffer.data();
    }
    if (archive_write_data(writer.tar, from, size) < 0)
        return Error(Errc::internal, fmt::format("cannot pack a file: {}", archive_error_string(writer.tar)));
    writer.left -= size;
    writer.at += size;
    return {};
}

}  // namespace sbx
