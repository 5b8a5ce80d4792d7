#include "agent/file_operations.hpp"
#include "agent/tar_format.hpp"
#include "agent/tree.hpp"
#include "agent/worker.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>

namespace sbx::agent {
namespace {

using wire::FailureCode;

constexpr int max_depth = 64;

TarMember member_of(const std::string& path, char type, const struct stat& status)
{
    return {.path = path,
            .link = {},
            .type = type,
            .mode = status.st_mode & 07777,
            .size = type == '0' ? static_cast<std::uint64_t>(status.st_size) : 0,
            .mtime_ns = nanoseconds(status.st_mtim)};
}

/// Packs files, in a worker's child. What changes or vanishes meanwhile never breaks the archive: a file has the
/// length that its header says, padded with zeros when it shrank.
class Packer {
   public:
    Packer(Desk& desk, const wire::TarOut& request) : desk_(desk), request_(request) {}

    [[noreturn]] void run();

   private:
    void pack_path(int root, const std::string& path);
    /// @return false when there is nothing of that name
    bool pack(int parent, const char* name, const std::string& path, int depth);
    void pack_file(int parent, const char* name, const std::string& path);
    void pack_directory(int parent, const char* name, const std::string& path, int depth);
    void pack_content(int directory, const std::string& path, int depth);
    void pack_symlink(int parent, const char* name, const std::string& path, const struct stat& status);
    void announce(const TarMember& member);

    Desk& desk_;
    const wire::TarOut& request_;
    wire::Reply done_;
};

void Packer::run()
{
    const Descriptor root = open_directory(request_.directory);
    if (!root) desk_.fail_with_errno(request_.directory);
    if (request_.paths.empty()) pack_content(root.get(), "", 0);
    for (const std::string& path : request_.paths) pack_path(root.get(), path);
    desk_.add_data(std::string(2 * tar_block, '\0'));
    desk_.end_data();
    desk_.reply(done_);
}

void Packer::pack_path(int root, const std::string& path)
{
    if (!is_below(path)) desk_.fail(FailureCode::denied, path + ": leads out of the directory");
    const Split place = split(path);
    const Descriptor parent = walk(root, place.parent, false);
    if (!parent) desk_.fail_with_errno(path);
    if (place.name == ".")
        pack_content(parent.get(), "", 0);
    else if (!pack(parent.get(), place.name.c_str(), path, 0))
        desk_.fail_with_errno(path);
}

bool Packer::pack(int parent, const char* name, const std::string& path, int depth)
{
    struct stat status = {};
    if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return false;
    if (S_ISREG(status.st_mode)) pack_file(parent, name, path);
    if (S_ISDIR(status.st_mode)) pack_directory(parent, name, path, depth);
    if (S_ISLNK(status.st_mode)) pack_symlink(parent, name, path, status);
    return true;
}

void Packer::pack_file(int parent, const char* name, const std::string& path)
{
    // What it is may have changed since: a FIFO must not hang.
    const Descriptor fd(::openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status = {};
    if (!fd || fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    const TarMember member = member_of(path, '0', status);
    announce(member);
    static char chunk[256 << 10];
    std::uint64_t left = member.size;
    while (left > 0) {
        const long count = ::read(fd.get(), chunk, std::min<std::uint64_t>(left, sizeof chunk));
        if (count <= 0) break;
        desk_.add_data({chunk, static_cast<std::size_t>(count)});
        left -= static_cast<std::uint64_t>(count);
    }
    std::fill(std::begin(chunk), std::end(chunk), '\0');
    for (left += tar_padding(member.size); left > 0;) {
        const std::size_t count = std::min<std::uint64_t>(left, sizeof chunk);
        desk_.add_data({chunk, count});
        left -= count;
    }
    done_.bytes += member.size;
}

void Packer::pack_directory(int parent, const char* name, const std::string& path, int depth)
{
    Descriptor fd(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status = {};
    if (!fd || fstat(fd.get(), &status) != 0) return;
    announce(member_of(path + "/", '5', status));
    if (depth < max_depth) pack_content(fd.get(), path + "/", depth);
}

void Packer::pack_content(int directory, const std::string& path, int depth)
{
    DIR* entries = fdopendir(dup(directory));
    if (!entries) return;
    while (const dirent* entry = readdir(entries)) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") pack(directory, name.c_str(), path + name, depth + 1);
    }
    closedir(entries);
}

void Packer::pack_symlink(int parent, const char* name, const std::string& path, const struct stat& status)
{
    char target[4'096];
    const long length = readlinkat(parent, name, target, sizeof target);
    if (length <= 0) return;
    TarMember member = member_of(path, '2', status);
    member.link.assign(target, static_cast<std::size_t>(length));
    announce(member);
}

void Packer::announce(const TarMember& member)
{
    desk_.add_data(format_header(member));
    ++done_.entries;
}

class TarOut : public Worker {
   public:
    TarOut(Sandbox& sandbox, StreamId id, wire::TarOut request)
        : Worker(sandbox, id, request.after, false, request.window), request_(std::move(request))
    {
    }

   private:
    void work(Desk& desk) override { Packer(desk, request_).run(); }

    wire::TarOut request_;
};

}  // namespace

std::unique_ptr<Operation> make_tar_out(Sandbox& sandbox, StreamId id, wire::TarOut request)
{
    return std::make_unique<TarOut>(sandbox, id, std::move(request));
}

}  // namespace sbx::agent
