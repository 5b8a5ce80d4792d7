#include "agent/file_operations.hpp"
#include "agent/tree.hpp"
#include "agent/worker.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <string>
#include <vector>

namespace sbx::agent {
namespace {

using wire::ChangeKind;
using wire::FailureCode;

constexpr std::size_t max_watches = 4'096;
constexpr std::uint32_t watched_events =
    IN_CREATE | IN_MODIFY | IN_ATTRIB | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR | IN_EXCL_UNLINK;
constexpr std::uint32_t end_events = IN_DELETE_SELF | IN_MOVE_SELF;

/// Watches a tree, in a worker's child. What it can't write the owner it does not read from the kernel, which keeps so
/// many changes and then tells that some were lost.
class Watcher {
   public:
    Watcher(Desk& desk, const wire::Watch& request) : desk_(desk), request_(request) {}

    [[noreturn]] void run();

   private:
    void handle(const inotify_event& event, const std::string& name);
    void add_tree(const std::string& path, bool tell);
    bool add(const std::string& path, int directory);
    void forget_tree(const std::string& path);
    void tell(ChangeKind kind, const std::string& path);

    Desk& desk_;
    const wire::Watch& request_;
    int inotify_ = -1;
    std::map<int, std::string> paths_;  ///< of the watches' directories, below the first one
    int root_ = -1;                     ///< the watch of that one
};

void Watcher::run()
{
    if (request_.window == 0 || request_.window > wire::max_window)
        desk_.fail(FailureCode::invalid, "window out of range");
    inotify_ = inotify_init1(IN_CLOEXEC);
    if (inotify_ < 0) desk_.fail(FailureCode::too_large, "too many directories are watched on this machine");
    add_tree("", false);
    desk_.send(Type::opened, wire::Nothing{});
    alignas(inotify_event) static char bytes[64 << 10];
    for (;;) {
        const long count = ::read(inotify_, bytes, sizeof bytes);
        if (count <= 0) desk_.fail_with_errno(request_.path);
        for (long at = 0; at < count;) {
            const auto* event = reinterpret_cast<const inotify_event*>(bytes + at);
            at += static_cast<long>(sizeof *event + event->len);
            handle(*event, event->len > 0 ? event->name : "");
        }
    }
}

void Watcher::handle(const inotify_event& event, const std::string& name)
{
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
        tell(ChangeKind::overflow, "");
        return add_tree("", false);  // directories may have come unseen
    }
    const bool is_gone = (event.mask & (end_events | IN_IGNORED)) != 0;
    if (is_gone && event.wd == root_) desk_.reply({});
    if ((event.mask & IN_IGNORED) != 0) paths_.erase(event.wd);
    const auto directory = paths_.find(event.wd);
    if (is_gone || directory == paths_.end() || name.empty()) return;
    const std::string path = directory->second.empty() ? name : directory->second + "/" + name;
    const bool is_directory = request_.recursive && (event.mask & IN_ISDIR) != 0;
    if ((event.mask & IN_CREATE) != 0) tell(ChangeKind::created, path);
    if ((event.mask & IN_MODIFY) != 0) tell(ChangeKind::written, path);
    if ((event.mask & IN_ATTRIB) != 0) tell(ChangeKind::attributes, path);
    if ((event.mask & IN_DELETE) != 0) tell(ChangeKind::removed, path);
    if ((event.mask & (IN_MOVED_FROM | IN_MOVED_TO)) != 0) tell(ChangeKind::renamed, path);
    if (is_directory && (event.mask & IN_MOVED_FROM) != 0) forget_tree(path);
    if (is_directory && (event.mask & IN_MOVED_TO) != 0) add_tree(path, false);
    if (is_directory && (event.mask & IN_CREATE) != 0) add_tree(path, true);
}

/// Watches a directory and, where asked for, all below it.
/// @param tell_found  what is in it already came with it, before it was watched
void Watcher::add_tree(const std::string& path, bool tell_found)
{
    std::vector<std::string> left{path};
    while (!left.empty()) {
        const std::string at = std::move(left.back());
        left.pop_back();
        const Descriptor root = open_directory(request_.path);
        if (!root && at.empty()) desk_.fail_with_errno(request_.path);
        const Descriptor directory = walk(root.get(), at, false);
        if (!directory || !add(at, directory.get()) || !request_.recursive) continue;
        DIR* entries = fdopendir(dup(directory.get()));
        if (!entries) continue;
        while (const dirent* entry = readdir(entries)) {
            const std::string name = entry->d_name;
            if (name == "." || name == "..") continue;
            std::string below = at;
            if (!below.empty()) below += '/';
            below += name;
            struct stat status = {};
            if (tell_found) tell(ChangeKind::created, below);
            if (fstatat(directory.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode))
                left.push_back(below);
        }
        closedir(entries);
    }
}

/// @return false when that one directory can't be watched, which is no reason to give up
bool Watcher::add(const std::string& path, int directory)
{
    const bool is_root = path.empty();
    // By way of `.`, so that nobody can put another one in its place.
    const int watch =
        fchdir(directory) == 0 ? inotify_add_watch(inotify_, ".", watched_events | (is_root ? end_events : 0)) : -1;
    const int error = errno;
    // To be in a directory would keep it from being gone.
    if (chdir("/") != 0 || (watch < 0 && is_root)) {
        errno = error;
        desk_.fail_with_errno(request_.path);
    }
    if (watch < 0 && error != ENOSPC) return false;
    if (watch >= 0) paths_[watch] = path;
    if (watch < 0 || paths_.size() > max_watches)
        desk_.fail(FailureCode::too_large, request_.path + ": too many directories to watch");
    if (is_root) root_ = watch;
    return true;
}

/// It has another name now, perhaps outside.
void Watcher::forget_tree(const std::string& path)
{
    std::erase_if(paths_, [&](const auto& entry) {
        const bool is_in = entry.second == path || entry.second.starts_with(path + "/");
        if (is_in) inotify_rm_watch(inotify_, entry.first);
        return is_in;
    });
}

void Watcher::tell(ChangeKind kind, const std::string& path)
{
    if (path.size() <= wire::max_path_bytes) desk_.send(Type::changed, wire::Changed{.kind = kind, .path = path});
}

class Watch : public Worker {
   public:
    Watch(Sandbox& sandbox, StreamId id, wire::Watch request)
        : Worker(sandbox, id, request.after, false, std::max(request.window, 1U)), request_(std::move(request))
    {
    }

   private:
    void work(Desk& desk) override { Watcher(desk, request_).run(); }

    wire::Watch request_;
};

}  // namespace

std::unique_ptr<Operation> make_watch(Sandbox& sandbox, StreamId id, wire::Watch request)
{
    return std::make_unique<Watch>(sandbox, id, std::move(request));
}

}  // namespace sbx::agent
