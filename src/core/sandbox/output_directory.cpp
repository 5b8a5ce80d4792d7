#include "core/sandbox/output_directory.hpp"

#include "core/descriptor.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace sbx {
namespace {

constexpr std::size_t longest_path = 4096;
constexpr std::size_t longest_component = 255;
constexpr std::uint64_t most_entries = 65536;  // as many as /work has inodes; more than once each is no use

Error host_error(const std::string& name, int error)
{
    const std::string message = fmt::format("cannot write {}: {}", name, std::strerror(error));
    switch (error) {
        case ENOSPC:
        case EDQUOT:
            return Error(Errc::unavailable, message, "df -h");
        case EACCES:
        case EPERM:
        case EROFS:
            return Error(Errc::permission_denied, message);
        default:
            return Error(Errc::conflict, message);
    }
}

/// The components of a name below the directory.
Result<std::vector<std::string>> components_of(std::string_view name)
{
    const Error refused(Errc::invalid_argument, fmt::format("the sandbox sent a refused file name: {:?}", name));
    if (name.empty() || name.size() > longest_path || name.front() == '/') return refused;
    std::vector<std::string> components;
    for (std::size_t at = 0; at <= name.size();) {
        const std::size_t end = std::min(name.find('/', at), name.size());
        const std::string_view component = name.substr(at, end - at);
        if (component == ".." || component.size() > longest_component) return refused;
        if (!component.empty() && component != ".") components.emplace_back(component);
        at = end + 1;
    }
    return components;
}

/// Counts what is made on this host, and what is not: content has a limit of its own, but names cost something too.
Result<void> count_one(Unpacked& unpacked)
{
    if (++unpacked.entries <= most_entries) return {};
    return Error(Errc::too_large, fmt::format("the sandbox sent more than {} files and directories", most_entries));
}

/// Opens (and makes) the directories of `components` below `root`, never through a link.
Result<Descriptor> open_below(int root, const std::vector<std::string>& components, std::size_t count,
                              Unpacked& unpacked)
{
    Descriptor at(::fcntl(root, F_DUPFD_CLOEXEC, 0));
    for (std::size_t i = 0; i < count; ++i) {
        const char* name = components[i].c_str();
        const bool made = ::mkdirat(at.get(), name, 0777) == 0;
        if (!made && errno != EEXIST) return host_error(components[i], errno);
        if (const auto counted = made ? count_one(unpacked) : Result<void>(); !counted) return counted.error();
        Descriptor next(::openat(at.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (next.get() < 0) return host_error(components[i], errno);
        at = std::move(next);
    }
    return at;
}

Error too_much(std::uint64_t limit)
{
    return Error(Errc::too_large, fmt::format("the sandbox sent more than {} MiB of files", limit >> 20));
}

Result<void> copy_content(archive* tar, int file, const std::string& name, std::uint64_t& bytes, std::uint64_t limit)
{
    for (;;) {
        const void* block = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int status = archive_read_data_block(tar, &block, &size, &offset);
        if (status == ARCHIVE_EOF) return {};
        if (status < ARCHIVE_WARN)
            return Error(Errc::invalid_argument, fmt::format("the sandbox sent a broken file: {}", name));
        bytes += size;
        if (bytes > limit) return too_much(limit);
        for (std::size_t done = 0; done < size;) {
            const ssize_t n = ::pwrite(file, static_cast<const char*>(block) + done, size - done,
                                       offset + static_cast<la_int64_t>(done));
            if (n < 0) return host_error(name, errno);
            done += static_cast<std::size_t>(n);
        }
    }
}

/// Writes one regular file aside and renames it into its place.
Result<void> write_file(archive* tar, archive_entry* entry, int parent, const std::string& leaf, std::uint64_t& bytes,
                        std::uint64_t limit)
{
    const std::string aside = fmt::format(".sbx-{}-{}", ::getpid(), bytes);
    Descriptor file(::openat(parent, aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.get() < 0) return host_error(leaf, errno);
    Result<void> done = copy_content(tar, file.get(), leaf, bytes, limit);
    if (done) {
        const timespec mtime{.tv_sec = archive_entry_mtime(entry), .tv_nsec = archive_entry_mtime_nsec(entry)};
        const timespec times[2]{mtime, mtime};
        const bool whole = ::ftruncate(file.get(), archive_entry_size(entry)) == 0 &&
                           ::fchmod(file.get(), archive_entry_perm(entry) & 0777U) == 0 &&
                           ::futimens(file.get(), times) == 0 &&
                           ::renameat(parent, aside.c_str(), parent, leaf.c_str()) == 0;
        if (!whole) done = host_error(leaf, errno);
    }
    if (!done) ::unlinkat(parent, aside.c_str(), 0);
    return done;
}

Result<void> unpack_entry(archive* tar, archive_entry* entry, int root, Unpacked& unpacked, std::uint64_t limit)
{
    const char* raw = archive_entry_pathname(entry);
    const std::string name = raw != nullptr ? raw : "";
    const auto components = components_of(name);
    if (!components) return components.error();
    if (auto counted = count_one(unpacked); !counted) return counted;
    if (components->empty()) return {};
    const auto type = archive_entry_filetype(entry);
    if (archive_entry_hardlink(entry) != nullptr || (type != AE_IFREG && type != AE_IFDIR)) {
        unpacked.left_out.push_back(name);
        return {};
    }
    const bool is_file = type == AE_IFREG;
    // A sparse file announces more than it sends.
    const auto announced = static_cast<std::uint64_t>(archive_entry_size(entry));
    if (is_file && announced > limit - std::min(limit, unpacked.bytes)) return too_much(limit);
    const auto parent = open_below(root, *components, components->size() - (is_file ? 1 : 0), unpacked);
    if (!parent) return parent.error();
    if (!is_file) return {};
    unpacked.files.insert(fmt::format("{}", fmt::join(*components, "/")));
    return write_file(tar, entry, parent->get(), components->back(), unpacked.bytes, limit);
}

la_ssize_t read_next(archive* /*tar*/, void* source, const void** bytes)
{
    const std::span<const char> got = (*static_cast<const ArchiveSource*>(source))();
    *bytes = got.data();
    return static_cast<la_ssize_t>(got.size());
}

}  // namespace

Result<Unpacked> unpack_below(const std::filesystem::path& directory, const ArchiveSource& next,
                              std::uint64_t limit_bytes)
{
    std::error_code failed;
    std::filesystem::create_directories(directory, failed);
    if (failed) return host_error(directory.native(), failed.value());
    const Descriptor root(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (root.get() < 0) return host_error(directory.native(), errno);

    const std::unique_ptr<archive, decltype(&archive_read_free)> tar(archive_read_new(), &archive_read_free);
    archive_read_support_format_tar(tar.get());
    Unpacked unpacked;
    ArchiveSource source = next;
    if (archive_read_open(tar.get(), &source, nullptr, read_next, nullptr) != ARCHIVE_OK)
        return Error(Errc::invalid_argument, "the sandbox sent no file archive");
    for (;;) {
        archive_entry* entry = nullptr;
        const int status = archive_read_next_header(tar.get(), &entry);
        if (status == ARCHIVE_EOF) return unpacked;
        if (status < ARCHIVE_WARN) return Error(Errc::invalid_argument, "the sandbox sent a broken file archive");
        if (const auto done = unpack_entry(tar.get(), entry, root.get(), unpacked, limit_bytes); !done)
            return done.error();
    }
}

}  // namespace sbx
