#include "agent/pipes.hpp"

#include <fcntl.h>
#include <sys/fsuid.h>
#include <unistd.h>

namespace sbx::agent {
namespace {

constexpr int pipe_bytes = 256 << 10;

}  // namespace

void make_nonblocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void widen_pipe(int fd)
{
    fcntl(fd, F_SETPIPE_SZ, pipe_bytes);  // a refusal only costs speed
}

bool open_pipe(Descriptor& read_end, Descriptor& write_end, uid_t owner)
{
    int ends[2];
    const int previous = setfsuid(owner);
    const int failed = pipe2(ends, O_CLOEXEC);
    setfsuid(static_cast<uid_t>(previous));
    if (failed != 0) return false;
    read_end = Descriptor(ends[0]);
    write_end = Descriptor(ends[1]);
    widen_pipe(ends[1]);
    return true;
}

}  // namespace sbx::agent
