#include "agent/file_operations.hpp"
#include "agent/tar_format.hpp"
#include "agent/tree.hpp"
#include "agent/worker.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <string>
#include <vector>

namespace sbx::agent {
namespace {

using wire::FailureCode;

constexpr std::uint64_t max_extended_header = 64 << 10;

timespec time_of(std::int64_t ns)
{
    return {.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
}

std::string up_to_nul(std::string text)
{
    text.resize(std::min(text.size(), text.find('\0')));
    return text;
}

/// Whether a symbolic link in this directory stays below the root of the archive.
bool stays_below(std::string_view parent, std::string_view target)
{
    if (target.empty() || target.front() == '/' || target.find('\0') != target.npos) return false;
    long depth = 0;
    for (std::string_view rest : {parent, target}) {
        while (!rest.empty()) {
            const std::string_view component = rest.substr(0, rest.find('/'));
            rest.remove_prefix(std::min(component.size() + 1, rest.size()));
            if (component.empty() || component == ".") continue;
            depth += component == ".." ? -1 : 1;
            if (depth < 0) return false;
        }
    }
    return true;
}

/// Unpacks one archive, in a worker's child.
class Unpacker {
   public:
    Unpacker(Desk& desk, const wire::TarIn& request) : desk_(desk), request_(request) {}

    [[noreturn]] void run();

   private:
    bool next_header(TarMember& member);
    void unpack(const TarMember& member);
    void unpack_file(const TarMember& member, int parent, const char* name);
    void copy_content(const TarMember& member, int fd);
    void make_directory(const TarMember& member, int parent, const char* name);
    void make_symlink(const TarMember& member, std::string_view parent_path, int parent, const char* name);
    void make_hard_link(const TarMember& member, int parent, const char* name);
    void finish_directories();
    std::string read_text(std::uint64_t size);
    [[noreturn]] void refuse(const TarMember& member, const char* why)
    {
        desk_.fail(FailureCode::denied, member.path + ": " + why);
    }
    [[noreturn]] void malformed(const char* what) { desk_.fail(FailureCode::invalid, std::string("archive: ") + what); }

    Desk& desk_;
    const wire::TarIn& request_;
    Descriptor root_;
    wire::Reply done_;
    std::vector<TarMember> directories_;
};

void Unpacker::run()
{
    root_ = open_directory(request_.directory);
    if (!root_) desk_.fail_with_errno(request_.directory);
    std::string long_path;
    std::string long_link;
    PaxRecords pax;
    for (TarMember member; next_header(member);) {
        if (member.type == 'x') {
            if (!parse_pax(read_text(member.size), pax)) malformed("a pax header that is not well-formed");
        } else if (member.type == 'g') {
            read_text(member.size);
        } else if (member.type == 'L') {
            long_path = up_to_nul(read_text(member.size));
        } else if (member.type == 'K') {
            long_link = up_to_nul(read_text(member.size));
        } else {
            if (!long_path.empty()) member.path = long_path;
            if (!long_link.empty()) member.link = long_link;
            member.path = pax.path.value_or(member.path);
            member.link = pax.link.value_or(member.link);
            member.size = pax.size.value_or(member.size);
            member.mtime_ns = pax.mtime_ns.value_or(member.mtime_ns);
            unpack(member);
            long_path.clear();
            long_link.clear();
            pax = {};
        }
    }
    finish_directories();
    while (desk_.skip(1)) {
    }
    desk_.reply(done_);
}

/// @return false at the archive's end mark
bool Unpacker::next_header(TarMember& member)
{
    TarHeader header;
    auto* bytes = reinterpret_cast<char*>(&header);
    if (!desk_.read(bytes, sizeof header)) malformed("cut off");
    if (std::all_of(bytes, bytes + sizeof header, [](char c) { return c == '\0'; })) return false;
    auto parsed = parse_header(header);
    if (!parsed) malformed("a header that is not well-formed");
    member = std::move(*parsed);
    return true;
}

std::string Unpacker::read_text(std::uint64_t size)
{
    if (size > max_extended_header) malformed("an extended header that is too long");
    std::string text(size, '\0');
    if (!desk_.read(text.data(), size) || !desk_.skip(tar_padding(size))) malformed("cut off");
    return text;
}

void Unpacker::unpack(const TarMember& member)
{
    if (++done_.entries > request_.max_entries) desk_.fail(FailureCode::too_large, "archive: too many entries");
    if (member.path.size() > wire::max_path_bytes || !is_below(member.path))
        refuse(member, "leads out of the directory");
    const Split place = split(member.path);
    if (place.name.empty() || place.name == ".") {
        if (member.type != '5') refuse(member, "not a name");
        return;
    }
    const Descriptor parent = walk(root_.get(), place.parent, true);
    if (!parent) desk_.fail_with_errno(member.path);
    const char* name = place.name.c_str();
    switch (member.type) {
        case '0':
        case '7':
            return unpack_file(member, parent.get(), name);
        case '5':
            return make_directory(member, parent.get(), name);
        case '2':
            return make_symlink(member, place.parent, parent.get(), name);
        case '1':
            return make_hard_link(member, parent.get(), name);
        default:
            refuse(member, "neither file, directory nor link");
    }
}

void Unpacker::unpack_file(const TarMember& member, int parent, const char* name)
{
    if (member.size > request_.max_bytes - done_.bytes)
        desk_.fail(FailureCode::too_large, member.path + ": archive too large");
    unlinkat(parent, name, 0);
    const Descriptor fd(::openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) desk_.fail_with_errno(member.path);
    copy_content(member, fd.get());
    const timespec times[] = {time_of(member.mtime_ns), time_of(member.mtime_ns)};
    if (fchmod(fd.get(), member.mode & 0777) != 0 || futimens(fd.get(), times) != 0) desk_.fail_with_errno(member.path);
    done_.bytes += member.size;
}

void Unpacker::copy_content(const TarMember& member, int fd)
{
    for (std::uint64_t left = member.size; left > 0;) {
        const long moved = desk_.move_some(fd, left);
        if (moved == 0) malformed("cut off");
        if (moved < 0) desk_.fail_with_errno(member.path);
        left -= static_cast<std::uint64_t>(moved);
    }
    if (!desk_.skip(tar_padding(member.size))) malformed("cut off");
}

void Unpacker::make_directory(const TarMember& member, int parent, const char* name)
{
    if (mkdirat(parent, name, 0700) != 0) {
        struct stat there = {};
        const bool is_directory =
            errno == EEXIST && fstatat(parent, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(there.st_mode);
        errno = is_directory ? 0 : EEXIST;
        if (!is_directory) desk_.fail_with_errno(member.path);
    }
    directories_.push_back(member);
}

void Unpacker::make_symlink(const TarMember& member, std::string_view parent_path, int parent, const char* name)
{
    if (!stays_below(parent_path, member.link)) refuse(member, "a link that leads out of the directory");
    unlinkat(parent, name, 0);
    const timespec times[] = {time_of(member.mtime_ns), time_of(member.mtime_ns)};
    if (symlinkat(member.link.c_str(), parent, name) != 0 || utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) != 0)
        desk_.fail_with_errno(member.path);
}

void Unpacker::make_hard_link(const TarMember& member, int parent, const char* name)
{
    if (!is_below(member.link)) refuse(member, "a link that leads out of the directory");
    const Split target = split(member.link);
    const Descriptor from = walk(root_.get(), target.parent, false);
    unlinkat(parent, name, 0);
    if (!from || linkat(from.get(), target.name.c_str(), parent, name, 0) != 0) desk_.fail_with_errno(member.path);
}

/// Last, and children first: a directory without write permission takes no files, and every file changes its time.
void Unpacker::finish_directories()
{
    std::ranges::reverse(directories_);
    for (const TarMember& member : directories_) {
        const Descriptor fd = walk(root_.get(), member.path, false);
        const timespec times[] = {time_of(member.mtime_ns), time_of(member.mtime_ns)};
        if (!fd || futimens(fd.get(), times) != 0 || fchmod(fd.get(), member.mode & 0777) != 0)
            desk_.fail_with_errno(member.path);
    }
}

class TarIn : public Worker {
   public:
    TarIn(Sandbox& sandbox, StreamId id, wire::TarIn request)
        : Worker(sandbox, id, request.after, true, 0), request_(std::move(request))
    {
    }

   private:
    void work(Desk& desk) override { Unpacker(desk, request_).run(); }
    std::string request_frame() const override
    {
        std::string frame;
        wire::append_frame(frame, Type::tar_in, wire::Channel::input, id(), wire::encode(request_));
        return frame;
    }

    wire::TarIn request_;
};

}  // namespace

std::unique_ptr<Operation> make_tar_in(Sandbox& sandbox, StreamId id, wire::TarIn request)
{
    return std::make_unique<TarIn>(sandbox, id, std::move(request));
}

}  // namespace sbx::agent
