#include "agent/wipe.hpp"

#include "agent/work_directory.hpp"
#include "core/descriptor.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>

namespace sbx::agent {
namespace {

constexpr mode_t private_directory = 0700;

/// The places beside the work directory where the user of the programs may make files: everything else is read-only or
/// root's.
constexpr const char* writable_places[] = {"/tmp", "/dev/shm", "/dev/mqueue"};

/// The entries of a directory, as long as this lives.
class Entries {
   public:
    explicit Entries(int directory) : stream_(fdopendir(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))) {}
    ~Entries()
    {
        if (stream_) closedir(stream_);
    }
    Entries(const Entries&) = delete;
    Entries& operator=(const Entries&) = delete;

    explicit operator bool() const { return stream_ != nullptr; }

    const char* next()
    {
        while (const dirent* entry = readdir(stream_)) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") return entry->d_name;
        }
        return nullptr;
    }

   private:
    DIR* stream_;
};

/// Removes what needs no emptying first.
bool remove_simply(int directory, const char* name)
{
    return unlinkat(directory, name, 0) == 0 || unlinkat(directory, name, AT_REMOVEDIR) == 0;
}

/// Moves a directory up to `top`, under a name that is free there.
bool lift(int from, const char* name, int top, unsigned& number)
{
    fchmodat(from, name, private_directory, 0);  // its parent is written down in it
    for (;;) {
        char fresh[32] = "lifted-";
        std::to_chars(fresh + 7, fresh + sizeof fresh, number++);
        if (renameat(from, name, top, fresh) == 0) return true;
        const bool is_taken = errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR;
        if (!is_taken || number == 0) return false;
    }
}

/// A directory of `top` goes, and those in it come up to `top`: however deep they lie, no path gets long, and no more
/// than two descriptors are needed.
bool dissolve(int top, const char* name, unsigned& number)
{
    fchmodat(top, name, private_directory, 0);
    const Descriptor directory(openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory) return false;
    Entries entries(directory.get());
    if (!entries) return false;
    while (const char* inner = entries.next())
        if (!remove_simply(directory.get(), inner) && !lift(directory.get(), inner, top, number)) return false;
    return unlinkat(top, name, AT_REMOVEDIR) == 0;
}

/// Makes a directory of the user's what it was at first: no access lists that new files would get, no attributes.
void restore(int directory)
{
    struct stat status {};
    if (fstat(directory, &status) != 0 || status.st_uid != getuid()) return;
    static char names[65'536];
    const long size = flistxattr(directory, names, sizeof names);
    for (long at = 0; at < size; at += static_cast<long>(std::string_view(names + at).size()) + 1)
        fremovexattr(directory, names + at);
    fchmod(directory, private_directory);
}

bool empty(const char* path)
{
    chmod(path, private_directory);  // where it is the user's: it may have locked itself out
    const Descriptor top(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!top) return errno == ENOENT;
    restore(top.get());
    unsigned number = 1;
    for (bool found = true; found;) {
        found = false;
        Entries entries(top.get());
        if (!entries) return false;
        while (const char* name = entries.next()) {
            found = true;
            if (!remove_simply(top.get(), name) && !dissolve(top.get(), name, number)) return false;
        }
    }
    return true;
}

/// What of System V outlives its processes. It takes no permission to look, as the owner may have taken its own away.
void remove_system_v()
{
    union {
        int value;
        semid_ds* buffer;
        seminfo* info;
    } argument{};
    shmid_ds memory{};
    const int segments = shmctl(0, SHM_INFO, &memory);
    for (int i = 0; i <= segments; ++i)
        if (const int id = shmctl(i, SHM_STAT_ANY, &memory); id >= 0) shmctl(id, IPC_RMID, nullptr);
    msqid_ds queue{};
    const int queues = msgctl(0, MSG_INFO, &queue);
    for (int i = 0; i <= queues; ++i)
        if (const int id = msgctl(i, MSG_STAT_ANY, &queue); id >= 0) msgctl(id, IPC_RMID, nullptr);
    seminfo information{};
    argument.info = &information;
    const int sets = semctl(0, 0, SEM_INFO, argument);
    semid_ds semaphores{};
    argument.buffer = &semaphores;
    for (int i = 0; i <= sets; ++i)
        if (const int id = semctl(i, 0, SEM_STAT_ANY, argument); id >= 0) semctl(id, 0, IPC_RMID, argument);
}

/// Whether nothing of System V is left.
bool is_without_system_v()
{
    shm_info memory{};
    msginfo queues{};
    seminfo semaphores{};
    union {
        int value;
        seminfo* info;
    } argument{};
    argument.info = &semaphores;
    shmctl(0, SHM_INFO, reinterpret_cast<shmid_ds*>(&memory));  // NOLINT: as shmctl(2) wants it
    msgctl(0, MSG_INFO, reinterpret_cast<msqid_ds*>(&queues));  // NOLINT
    semctl(0, 0, SEM_INFO, argument);
    return memory.used_ids == 0 && queues.msgpool == 0 && semaphores.semusz == 0;
}

}  // namespace

const char* wipe_sandbox()
{
    if (!empty(work_directory().c_str())) return "/work";
    for (const char* place : writable_places)
        if (!empty(place)) return place;
    remove_system_v();
    return is_without_system_v() ? nullptr : "System V objects";
}

}  // namespace sbx::agent
