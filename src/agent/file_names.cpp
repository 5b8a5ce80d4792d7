#include "agent/file_operations.hpp"
#include "agent/tree.hpp"
#include "agent/worker.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>

namespace sbx::agent {
namespace {

/// An operation that is one function of its request.
template <class Request>
class Simple : public Worker {
   public:
    using Function = void (*)(Desk&, const Request&);

    Simple(Sandbox& sandbox, StreamId id, Request request, Function function)
        : Worker(sandbox, id, request.after, false, 0), request_(std::move(request)), function_(function)
    {
    }

   private:
    void work(Desk& desk) override { function_(desk, request_); }

    Request request_;
    Function function_;
};

Place locate(Desk& desk, const std::string& path)
{
    Place place = open_place(path);
    if (!place.parent) desk.fail_with_errno(path);
    return place;
}

void stat_file(Desk& desk, const wire::Stat& request)
{
    const Place place = locate(desk, request.path);
    struct stat status = {};
    if (fstatat(place.parent.get(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        desk.fail_with_errno(request.path);
    desk.send(Type::entries, wire::Entries{.entries = {entry_of(request.path, status)}});
    desk.reply({.entries = 1});
}

void make_directory(Desk& desk, const wire::Mkdir& request)
{
    if (request.parents) {
        if (!may_open(request.path)) desk.fail_with_errno(request.path);
        const std::string_view below_root = std::string_view(request.path).substr(1);
        if (!walk(open_directory("/").get(), split(below_root).parent, true)) desk.fail_with_errno(request.path);
    }
    const Place place = locate(desk, request.path);
    const bool made = mkdirat(place.parent.get(), place.name.c_str(), request.mode & 0777) == 0;
    struct stat status = {};
    const bool there = !made && errno == EEXIST && request.parents &&
                       fstatat(place.parent.get(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                       S_ISDIR(status.st_mode);
    if (!made && !there) desk.fail_with_errno(request.path);
    desk.reply({});
}

void move_file(Desk& desk, const wire::Move& request)
{
    const Place from = locate(desk, request.from);
    const Place to = locate(desk, request.to);
    if (renameat(from.parent.get(), from.name.c_str(), to.parent.get(), to.name.c_str()) != 0)
        desk.fail_with_errno(request.from);
    desk.reply({});
}

/// @return false, with errno, at the first thing that can't be removed
bool remove_tree(int parent, const char* name)
{
    if (unlinkat(parent, name, 0) == 0) return true;
    if (errno != EISDIR && errno != EPERM) return false;
    const int fd = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR* entries = fd < 0 ? nullptr : fdopendir(fd);
    if (!entries) return false;
    bool removed = true;
    while (removed) {
        const dirent* entry = readdir(entries);
        if (!entry) break;
        const std::string child = entry->d_name;
        if (child != "." && child != "..") removed = remove_tree(dirfd(entries), child.c_str());
    }
    const int error = errno;
    closedir(entries);
    errno = error;
    return removed && unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

void remove_file(Desk& desk, const wire::Remove& request)
{
    const Place place = locate(desk, request.path);
    const char* name = place.name.c_str();
    const int parent = place.parent.get();
    const bool removed = request.recursive ? remove_tree(parent, name)
                                           : unlinkat(parent, name, 0) == 0 ||
                                                 (errno == EISDIR && unlinkat(parent, name, AT_REMOVEDIR) == 0);
    if (!removed) desk.fail_with_errno(request.path);
    desk.reply({});
}

template <class Request>
std::unique_ptr<Operation> make(Sandbox& sandbox, StreamId id, Request request, void (*work)(Desk&, const Request&))
{
    return std::make_unique<Simple<Request>>(sandbox, id, std::move(request), work);
}

}  // namespace

std::unique_ptr<Operation> make_stat(Sandbox& sandbox, StreamId id, wire::Stat request)
{
    return make(sandbox, id, std::move(request), stat_file);
}

std::unique_ptr<Operation> make_mkdir(Sandbox& sandbox, StreamId id, wire::Mkdir request)
{
    return make(sandbox, id, std::move(request), make_directory);
}

std::unique_ptr<Operation> make_move(Sandbox& sandbox, StreamId id, wire::Move request)
{
    return make(sandbox, id, std::move(request), move_file);
}

std::unique_ptr<Operation> make_remove(Sandbox& sandbox, StreamId id, wire::Remove request)
{
    return make(sandbox, id, std::move(request), remove_file);
}

}  // namespace sbx::agent
